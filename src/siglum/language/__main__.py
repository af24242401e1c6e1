"""JSON lines in, JSON lines out: `python -m siglum.language < rows.jsonl`."""

from __future__ import annotations

import sys

import orjson

from siglum.language.rows import tag_rows
from siglum.language.settings import LanguageSettings
from siglum.language.tagger import Tagger


def main(arguments: list[str]) -> None:
    """Tag the rows of standard input; *arguments* may hold a mode."""
    tagger = Tagger(LanguageSettings.from_mapping({"mode": arguments[0]} if arguments else {}))
    rows = (orjson.loads(line) for line in sys.stdin.buffer if line.strip())
    for row in tag_rows(rows, tagger):
        sys.stdout.buffer.write(orjson.dumps(row) + b"\n")


if __name__ == "__main__":
    main(sys.argv[1:])
