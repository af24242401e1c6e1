"""Every exception siglum raises, as one small tree; each message says what came, where, and what to do."""

from __future__ import annotations


class SiglumError(Exception):
    """The root of the tree: catch this to catch all that siglum raises on purpose."""


class RuleError(SiglumError):
    """A fault in a rule pack, named by file and line (1-based; 0 where no line is known)."""

    def __init__(self, path: str, line: int, message: str, rule: str = "") -> None:
        self.path, self.line, self.message, self.rule = path, line, message, rule
        named = f" [{rule}]" if rule else ""
        super().__init__(f"{path}:{line}:{named} {message}")


class InputError(SiglumError):
    """A document that cannot be read, named by its id and, where known, the byte offset of the fault."""

    def __init__(self, id: str, message: str, offset: int | None = None) -> None:
        self.id, self.message, self.offset = id, message, offset
        place = f" at byte {offset}" if offset is not None else ""
        super().__init__(f"{id}{place}: {message}")


class EditError(SiglumError):
    """Edits that do not fit the text they are applied to, or each other."""


class TagError(SiglumError, ValueError):
    """A language tag that is not well-formed BCP 47."""


class ReportMismatch(SiglumError):
    """A clean text and a report that do not belong together, or a report changed since it was written."""

    def __init__(self, id: str, expected: str, found: str) -> None:
        self.id, self.expected, self.found = id, expected, found
        super().__init__(f"{id}: expected {expected}, found {found}")


class MissingExtra(SiglumError):
    """A feature whose package is not installed; the message names the extra that brings it."""

    def __init__(self, extra: str, feature: str) -> None:
        self.extra, self.feature = extra, feature
        super().__init__(f"{feature} needs a package that is not installed: pip install 'siglum[{extra}]'")
