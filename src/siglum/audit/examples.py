"""Edits a person rejected, as texts their rules must leave: `miss` examples for the files of rules."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from siglum.edit import Edit, apply
from siglum.report import Report
from siglum.span import Span

EXAMPLE_LINES = 2  # of the source on either side of a rejected edit


class Example(NamedTuple):
    """A text a rule must leave, since a person said so."""

    rule: str
    text: str
    url: str
    note: str


def examples(report: Report, source: str, notes: Mapping[str, str]) -> Iterator[Example]:
    """Yield an example for each rule of the edits of *report* that *notes* names, with what was said of each edit.

    Lines around it that the same rule took, and nobody rejected, are left out: an example that is left takes nothing.
    """
    edits = {row["id"]: row for row in report.data["edits"]}
    for id, note in notes.items():
        start, end = _around(source, *edits[id]["src"])
        for ref in edits[id]["rules"]:
            others = [
                Edit(Span(*row["src"]), row["del"])
                for row in report.data["edits"]
                if row["state"] == "applied" and ref in row["rules"] and row["id"] not in notes
                if start <= row["src"][0] and row["src"][1] <= end
            ]
            moved = [Edit(Span(s.start - start, s.end - start), before) for s, before, *_ in others]
            text = apply(source[start:end], moved).rstrip("\n")
            yield Example(ref.rpartition("@")[0], text, report.data["source"].get("url", ""), note)


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the lines of text[start:end] stand with `EXAMPLE_LINES` on either side: rules look at neighbours."""
    for _ in range(EXAMPLE_LINES + 1):
        start = text.rfind("\n", 0, max(0, start - 1)) + 1 if start else 0
    for _ in range(EXAMPLE_LINES + 1):
        found = text.find("\n", end)
        end = len(text) if found < 0 else found + 1
    return start, end


def toml(examples: Sequence[Example]) -> str:
    """Return *examples* as `miss` lists, rule by rule, to be put into the files of the rules."""
    out = []
    for rule in sorted({e.rule for e in examples}):
        lines = [f"# {rule}: must leave"]
        lines.append("miss = [")
        for text, url, note in dict.fromkeys((e.text, e.url, e.note) for e in examples if e.rule == rule):
            if note:
                lines.append(f"  # {' '.join(note.split())}")
            # ⟦ and ⟧ say in an example what is taken, and an example that is left takes nothing.
            said = _string(text.replace("⟦", "[").replace("⟧", "]"))
            lines.append(f"  {{ text = {said}, url = {_string(url)} }}," if url else f"  {said},")
        out.append("\n".join([*lines, "]\n"]))
    return "\n".join(out)


def _string(text: str) -> str:
    """Return *text* as a basic string of TOML; a lone surrogate, which TOML cannot hold, as U+FFFD."""
    sound = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return json.dumps(sound, ensure_ascii=False).replace("\x7f", "\\u007f")
