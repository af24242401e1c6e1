"""Settings: everything a run can be told, as frozen values made once at the edge and handed down."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from siglum.errors import SiglumError
from siglum.language.settings import LanguageSettings

PROFILES = {
    "archive": "removes only what is safe to remove",
    "corpus": "removes what is probably furniture",
    "mark-only": "finds everything, removes nothing",
}
Form = Literal["", "NFC", "NFD", "NFKC", "NFKD"]
FORMS = get_args(Form)
FORMATS = ("text", "markdown")


@dataclass(frozen=True)
class Settings:
    """What a chain is made of and how sure it must be. Raises SiglumError where a value is none of those allowed."""

    profile: str = "archive"
    tag_languages: bool = True
    unicode_form: Form = ""  # "" leaves the form as it is
    thorough: bool = False  # ask every extractor about a page, not only the quick ones
    format: str = "text"  # of the clean text of pages
    rules: tuple[str, ...] = ()  # folders or files of further packs
    language: LanguageSettings = field(default_factory=LanguageSettings)

    def __post_init__(self) -> None:
        for name, allowed in (("profile", tuple(PROFILES)), ("unicode_form", FORMS), ("format", FORMATS)):
            value = getattr(self, name)
            if value not in allowed:
                raise SiglumError(f"{name} {value!r} is not one of {', '.join(filter(None, allowed))}")

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Settings:
        """Return the settings of a parsed siglum.toml. Raises SiglumError naming every key it does not know."""
        known = {f.name for f in fields(cls)}
        unknown = sorted(set(data) - known)
        if unknown:
            raise SiglumError(f"unknown settings {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        values = dict(data)
        if "language" in values:
            values["language"] = LanguageSettings.from_mapping(values["language"])
        if "rules" in values:
            values["rules"] = tuple(values["rules"])
        return cls(**values)

    @classmethod
    def from_file(cls, path: Path) -> Settings:
        """Return the settings of the TOML file at *path*. Raises SiglumError naming the file and the fault."""
        try:
            data = tomllib.loads(path.read_text("utf-8"))
            data.pop("agents", None)  # who is responsible is read by `siglum.audit.agents`, and changes no result
            return cls.from_mapping(data)
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError, SiglumError) as e:
            raise SiglumError(f"{path}: {e}") from e

    def to_json(self) -> dict[str, Any]:
        """Return the settings for a report: values only, packs by their folder's name, never a path of a machine."""
        data = asdict(self)
        data["rules"] = [Path(p).name for p in self.rules]
        return data
