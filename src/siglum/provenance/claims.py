"""The closed vocabulary of what evidence may claim about a text's origin; every value is a `str`."""

from __future__ import annotations

METHOD = "method"  # "machine", "machine-postedited", "human", "translated"
ENGINE = "engine"  # normalised id: "yandex", "deepl", "chatgpt"; "ai" where only "AI" is said
ENGINE_TEXT = "engine_text"  # as stated: "Яндекс Переводчик"
MODEL = "model"  # as stated, of a language model: "GPT-4o"
SOURCE = "source"  # BCP 47
SOURCE_BASIS = "source_basis"  # "stated", "original", "address", "markup", "metadata", "page-language"
TARGET = "target"  # BCP 47
TRANSLATOR = "translator"  # of a human credit, as stated
DATE = "date"
VERSION = "version"
ORIGINAL = "original"  # address of the original
SCOPE = "scope"  # "document", "part", "other-version"
PART = "part"  # of scope "part": where it stands in the text, "120-480" in code points
POST_EDITED = "post_edited"  # "yes", "no", "unknown"
ASSERTED_BY = "asserted_by"  # "page", "metadata", "markup", "address", "header"
COUNTER = "counter"  # "1": speaks against what it names
LANGUAGE = "language"  # of the words of the credit itself, BCP 47
SOURCE_TEXT = "source_text"  # of residue: text in the source language that it still holds
PIVOT = "pivot"  # BCP 47: the language it went through
ORIGINAL_LANGUAGE = "original_language"  # BCP 47, beside a pivot: of the first original
RELATION = "relation"  # of a hint that is a link: "original", "canonical", "x-default", "source-language"
COUNT = "count"  # of a hint: how often it was seen
RATIO = "likelihood_ratio"  # of a hint, capped
POINTS_TO = "points_to"  # of a hint: "ru"

KEYS = frozenset(
    {
        METHOD, ENGINE, ENGINE_TEXT, MODEL, SOURCE, SOURCE_BASIS, TARGET, TRANSLATOR, DATE, VERSION, ORIGINAL, SCOPE,
        PART, POST_EDITED, SOURCE_TEXT, ASSERTED_BY, COUNTER, LANGUAGE, COUNT, RATIO, POINTS_TO,
        PIVOT, ORIGINAL_LANGUAGE, RELATION,
    }
)  # fmt: skip

LABEL_CREDIT = "credit"
LABEL_WIDGET = "widget-translation"
LABEL_HINT = "hint"
LABEL_RESIDUE = "translation-residue"
