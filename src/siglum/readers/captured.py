"""When a document was captured: what its archive says, else the date of the HTTP response."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

# Dates as WARC 1.1 has them (W3C's profile of ISO 8601): from a year to nanoseconds, always UTC.
_WARC = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?Z)?)?)?", re.ASCII)
_ARC = re.compile(r"\d{8}(?:\d{6})?", re.ASCII)


class Captured(NamedTuple):
    """A time in UTC, as precise as it was stated, and who stated it."""

    date: str  # ISO 8601: "2020-03-14T15:09:26Z", or a year, a month, a day
    basis: str  # "warc-date", "arc-date", "container-date" (HAR, MHTML), "http-date"


def captured(headers: Mapping[str, str], meta: Mapping[str, Any]) -> Captured | None:
    """Return when a document was captured by the *headers* of its response and the *meta* its reader gave it.

    A date in a row of a table is none: it may be that of anything. None where nothing says it, or not as a date.

    >>> captured({"date": "Sat, 14 Mar 2020 15:09:26 GMT"}, {})
    Captured(date='2020-03-14T15:09:26Z', basis='http-date')
    >>> captured({}, {"date": "2020-03-14T15:09:26Z"})
    """
    if not meta and "date" not in headers:
        return None
    said = {
        "warc-date": _warc(str(meta.get("warc-date", ""))),
        "arc-date": _arc(str(meta.get("arc-date", ""))),
        "container-date": _stamp(str(meta.get("date", ""))) if "container" in meta else "",
        "http-date": _mail(str(headers.get("date", ""))),
    }
    return next((Captured(date, basis) for basis, date in said.items() if date), None)


def _warc(said: str) -> str:
    return said if _WARC.fullmatch(said) and _is_date(said) else ""


def _arc(said: str) -> str:
    if not _ARC.fullmatch(said):
        return ""
    day, time = f"{said[:4]}-{said[4:6]}-{said[6:8]}", said[8:]
    date = f"{day}T{time[:2]}:{time[2:4]}:{time[4:]}Z" if time else day
    return date if _is_date(date) else ""


def _stamp(said: str) -> str:
    """Return the time HAR (ISO 8601) or MHTML (as in mail) states; without a time zone it states none."""
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return _mail(said)
    return _utc(found) if found.tzinfo else ""


def _mail(said: str) -> str:
    try:
        found = parsedate_to_datetime(said[:100])
    except (ValueError, TypeError, OverflowError, IndexError):
        return ""
    return _utc(found if found.tzinfo else found.replace(tzinfo=UTC))  # HTTP dates are in GMT, whatever they say


def _utc(found: datetime) -> str:
    try:
        return found.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:  # the first or the last year
        return ""


def _is_date(said: str) -> bool:
    """Tell whether a date of that form is one of the calendar."""
    day, _, time = said.partition("T")
    day += "-01-01"[len(day) - 4 :] if len(day) < 10 else ""
    clock = re.sub(r"\.\d+", "", time.rstrip("Z")) or "00:00"
    try:
        datetime.fromisoformat(f"{day}T{clock}")
    except ValueError:
        return False
    return True
