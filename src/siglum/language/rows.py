"""Rows: lines of JSON records tagged as they stream by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from siglum.errors import InputError
from siglum.language.tagger import BATCH, Tagger


def tag_rows(rows: Iterable[Mapping[str, Any]], tagger: Tagger) -> Iterator[dict[str, Any]]:
    """Return {"id", "lang", "confidence"} for each of *rows*, in their order, a few thousand at a time.

    A row is {"id", "text"}; "doc_id" and "line_no" may be there and change nothing: a line is judged by itself, so
    that a foreign interface line is not pulled toward the article it stands in.
    Raises InputError for a row without a text.
    """
    stream = iter(rows)
    while block := list(islice(stream, BATCH)):
        for row in block:
            if not isinstance(row.get("text"), str):
                raise InputError(str(row.get("id", "")), 'a row needs a "text" that is a string')
        for row, tag in zip(block, tagger.tag_lines([row["text"] for row in block]), strict=True):
            yield {"id": row.get("id"), "lang": tag[0], "confidence": tag[1]}
