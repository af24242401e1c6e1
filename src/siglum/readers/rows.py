"""A line of JSON in: a row of the contract, or a failure that says what keeps it from being one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from siglum.document import NOTHING, Failure
from siglum.report import loads

KNOWN = ("id", "text", "html", "url", "headers", "meta")


class Row(NamedTuple):
    """One row, as `siglum.api.Chain.clean` takes it."""

    id: str
    body: str
    html: bool
    url: str
    headers: Mapping[str, str]
    meta: Mapping[str, Any]  # with the keys siglum does not know, passed through


def read_row(line: bytes | str, place: str) -> Row | Failure:
    """Return the row that *line* holds, JSON in UTF-8, or a Failure that names *place*, "FILE:LINE".

    A row without an id is called by its place.
    """
    try:
        raw = loads(line)
    except (ValueError, RecursionError) as e:
        return Failure(place, f"{place}: the line is not JSON: {e}")
    if not isinstance(raw, dict):
        return Failure(place, f"{place}: expected an object, found {type(raw).__name__}")
    id = str(raw.get("id", place))
    body = raw.get("html", raw.get("text"))
    if not isinstance(body, str):
        found = "neither" if body is None else f"a value of type {type(body).__name__}"
        return Failure(id, f'{place}: a row has "text" or "html", a string; found {found}')
    headers = raw.get("headers") or NOTHING
    meta = raw.get("meta") or NOTHING
    if not isinstance(headers, Mapping) or not isinstance(meta, Mapping):
        return Failure(id, f'{place}: "headers" and "meta" are objects')
    unknown = {k: v for k, v in raw.items() if k not in KNOWN}
    return Row(
        id,
        body,
        "html" in raw,
        str(raw.get("url") or ""),
        {str(k).lower(): str(v) for k, v in headers.items()},
        {**meta, **unknown} if unknown else meta,
    )
