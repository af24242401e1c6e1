"""Rows: lines of JSON records tagged as they stream by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from siglum.errors import InputError
from siglum.language.document import Lines, Tag, in_company
from siglum.language.tagger import BATCH, Tagger


def tag_rows(rows: Iterable[Mapping[str, Any]], tagger: Tagger) -> Iterator[dict[str, Any]]:
    """Return {"id", "lang", "confidence"} for each of *rows*, in their order, a few thousand at a time.

    A row is {"id", "text"}. Neighbouring rows with one "doc_id" are the lines of a document, whose short lines keep
    company (`document.in_company`); every other row is judged by itself.
    Raises InputError for a row without a text.
    """
    for block in _blocks(rows):
        for row in block:
            if not isinstance(row.get("text"), str):
                raise InputError(str(row.get("id", "")), 'a row needs a "text" that is a string')
        tags = tagger.tag_lines([row["text"] for row in block])
        at = 0
        for _, group in groupby(block, key=_document):
            size = len(list(group))
            yield from _of_one_document(block[at : at + size], tags[at : at + size])
            at += size


def _blocks(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Return *rows* in blocks of BATCH or a little more, so that none parts a document of fewer than BATCH rows."""
    block: list[Mapping[str, Any]] = []
    for row in rows:
        if len(block) >= BATCH and (
            len(block) >= 2 * BATCH or _document(row) is None or _document(row) != _document(block[-1])
        ):
            yield block
            block = []
        block.append(row)
    if block:
        yield block


def _document(row: Mapping[str, Any]) -> str | None:
    doc_id = row.get("doc_id")
    return None if doc_id is None else str(doc_id)


def _of_one_document(rows: Sequence[Mapping[str, Any]], tags: Sequence[Tag]) -> Iterator[dict[str, Any]]:
    if _document(rows[0]) is not None:
        tags = in_company(Lines([0] * len(rows), [len(row["text"]) for row in rows], tags)).tags
    for row, (language, confidence, _) in zip(rows, tags, strict=True):
        yield {"id": row.get("id"), "lang": language, "confidence": confidence}
