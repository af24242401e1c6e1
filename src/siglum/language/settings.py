"""Settings of the language layer: one frozen value, made at the edge and handed down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from siglum.errors import SiglumError

MODES = ("document", "light", "default", "full")
BACKENDS = ("auto", "python", "rust")
ENGINES = ("cld2", "fasttext", "py3langid", "langdetect", "lingua")


@dataclass(frozen=True)
class LanguageSettings:
    """How lines get their language. Each field is a key of the table [language] in siglum.toml."""

    # document: the text's own language, from its longest lines; light: every line, by cld2 and words;
    # default: fastText and py3langid in doubt; full: every engine, every line.
    mode: str = "default"
    engines: tuple[str, ...] = (
        "cld2",
        "fasttext",
        "py3langid",
        "langdetect",
    )  # those that may be used, where installed
    languages: tuple[str, ...] = ()  # candidates, BCP 47; none for the core languages of rules/language/languages.toml
    min_confidence: float = 0.4  # below it a line is "und"
    review_threshold: float = 0.8  # below it a line is worth a look
    min_letters: int = 3  # fewer letters are no evidence; a Han, kana or Hangul sign counts as two
    macro_tags: bool = True  # "sh" and "ms" where the group is sure and its member is not; else such lines are "und"
    zh_script: bool = True  # "zh-Hans" and "zh-Hant" rather than "zh"
    gate_code: bool = True  # lines of program text are "zxx"
    gate_names: bool = True  # lines of nothing but international names are "und"
    max_chars: int = 400  # code points of a line that engines read
    cache_size: int = 65_536  # different lines remembered
    seed: int = 0  # of langdetect
    langdetect_backend: str = "auto"  # "python" or "rust" (langdetect-rs: the same answers); auto: rust if installed
    second_opinion: bool = True  # ask langdetect about the body of each document
    min_body: int = 120  # code points of running text below which it is not asked
    min_quote: int = 40  # code points below which a foreign quotation is not looked for

    def __post_init__(self) -> None:
        from siglum.language.tables import load

        if self.mode not in MODES:
            raise SettingsError(f"mode is {self.mode!r}; it can be {', '.join(MODES)}")
        if self.langdetect_backend not in BACKENDS:
            raise SettingsError(f"langdetect_backend is {self.langdetect_backend!r}; it can be {', '.join(BACKENDS)}")
        _known("engines", self.engines, ENGINES)
        if self.languages:
            _known("languages", self.languages, load().languages)
        for name in ("min_confidence", "review_threshold"):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(f"{name} is {getattr(self, name)}; it can be 0 to 1")
        for name in ("min_letters", "max_chars", "cache_size", "min_body", "min_quote"):
            if getattr(self, name) < 1:
                raise SettingsError(f"{name} is {getattr(self, name)}; it can be 1 or more")

    @property
    def quick(self) -> bool:
        """Whether one engine and the words have to do."""
        return self.mode in ("document", "light")

    @classmethod
    def from_mapping(cls, table: Mapping[str, Any]) -> LanguageSettings:
        """Return the settings that *table* gives, the rest as they are by default.

        Raises SettingsError for a key that is not a setting or a value of another type.

        >>> LanguageSettings.from_mapping({"mode": "light"}).mode
        'light'
        """
        kinds = {field.name: type(getattr(DEFAULT, field.name)) for field in fields(cls)}
        unknown = sorted(set(table) - set(kinds))
        if unknown:
            raise SettingsError(f"[language] does not know {', '.join(unknown)}; it knows {', '.join(kinds)}")
        values: dict[str, Any] = {}
        for name, value in table.items():
            if kinds[name] is tuple and isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
                values[name] = tuple(value)
            elif kinds[name] is float and isinstance(value, int | float) and not isinstance(value, bool):
                values[name] = float(value)
            elif type(value) is kinds[name]:
                values[name] = value
            else:
                raise SettingsError(f"[language] {name} = {value!r} is not of type {kinds[name].__name__}")
        return replace(DEFAULT, **values)


class SettingsError(SiglumError, ValueError):
    """A setting that does not exist or a value it cannot have."""


def _known(name: str, values: tuple[str, ...], known: Any) -> None:
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise SettingsError(f"{name} does not know {', '.join(unknown)}; it knows {', '.join(known)}")


DEFAULT = LanguageSettings()
