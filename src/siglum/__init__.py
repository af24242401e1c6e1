"""siglum tells what a web text is before it is used, and accounts for every character it takes away."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from siglum.api import Chain, Result, clean
    from siglum.document import Cleaner, Document, Evidence, Finding
    from siglum.edit import Edit
    from siglum.errors import SiglumError
    from siglum.provenance.judge import Provenance
    from siglum.report import Report
    from siglum.settings import Settings
    from siglum.span import Span

__version__ = "0.1.0"
__all__ = [
    "Chain",
    "Cleaner",
    "Document",
    "Edit",
    "Evidence",
    "Finding",
    "Provenance",
    "Report",
    "Result",
    "Settings",
    "SiglumError",
    "Span",
    "clean",
]

# Names are imported when they are first asked for, so that `siglum --help` and small imports stay quick.
_HOME = {
    "Chain": "api",
    "Result": "api",
    "clean": "api",
    "Cleaner": "document",
    "Document": "document",
    "Evidence": "document",
    "Finding": "document",
    "Edit": "edit",
    "SiglumError": "errors",
    "Provenance": "provenance.judge",
    "Report": "report",
    "Settings": "settings",
    "Span": "span",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'siglum' has no attribute {name!r}")
    value = getattr(import_module(f"siglum.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
