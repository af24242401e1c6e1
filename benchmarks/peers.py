"""What else one would run, as steps to be timed: ftfy, datatrove's filters, extractors of main content.

datatrove is measured where it is installed: `pip install datatrove spacy`. Its extra "processing" pins an older
trafilatura than siglum works with, and its filters count words with spaCy, which no extra for them brings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from benchmarks.timing import Missing, Step

# The steps of a common recipe that read a text as siglum does: repair it, judge its lines, judge it as a whole.
DATATROVE = (
    ("FTFYFormatter", "formatters"),
    ("C4QualityFilter", "filters"),
    ("FineWebQualityFilter", "filters"),
    ("GopherQualityFilter", "filters"),
    ("GopherRepetitionFilter", "filters"),
)
ALL = "datatrove, these five in a row"


def text_peers() -> dict[str, Step | Missing]:
    """Return the steps of peers for a plain text."""
    return {"ftfy.fix_text": ftfy(), **datatrove()}


def ftfy() -> Step:
    import ftfy

    return ftfy.fix_text


def datatrove() -> dict[str, Step | Missing]:
    """Return datatrove's steps, each alone, and all one after the other."""
    made: dict[str, Any] = {}
    try:
        for name, module in DATATROVE:
            made[f"datatrove {name}"] = getattr(import_module(f"datatrove.pipeline.{module}"), name)()
        import_module("spacy")
    except ImportError as error:
        return {"datatrove": Missing(f"not installed: {error.name or error}")}
    steps: dict[str, Step | Missing] = {name: _piped([step]) for name, step in made.items()}
    steps[ALL] = _piped(list(made.values()))
    return steps


def _piped(steps: Sequence[Any]) -> Step:
    """Return what runs one text through *steps* of datatrove; a filter that drops it ends its way."""
    from datatrove.data import Document

    def run(text: str) -> list[Any]:
        found: Any = [Document(text=text, id="0")]
        for step in steps:
            found = step.run(found)
        return list(found)

    return run


def trafilatura_default() -> Step:
    from trafilatura import extract

    return lambda html: extract(html, include_comments=False) or ""


def trafilatura_fast() -> Step:
    from trafilatura import extract

    return lambda html: extract(html, include_comments=False, fast=True) or ""


def trafilatura_precision() -> Step:
    from trafilatura import extract

    return lambda html: extract(html, include_comments=False, favor_precision=True) or ""


def readability_lxml() -> Step:
    from readability import Document
    from resiliparse.extract.html2text import extract_plain_text

    return lambda html: extract_plain_text(Document(html).summary())


def resiliparse_main() -> Step:
    from resiliparse.extract.html2text import extract_plain_text

    return lambda html: extract_plain_text(html, main_content=True, alt_texts=False)


def justext_all_languages() -> Step:
    import justext

    stop = frozenset(word for name in sorted(justext.get_stoplists()) for word in justext.get_stoplist(name))

    def run(html: str) -> str:
        paragraphs = justext.justext(html.encode("utf-8", "replace"), stop, encoding="utf-8")
        return "\n".join(p.text for p in paragraphs if not p.is_boilerplate)

    return run


def boilerpy3_article() -> Step:
    from boilerpy3.extractors import ArticleExtractor

    found: Step = ArticleExtractor(raise_on_failure=False).get_content
    return found


EXTRACTORS: dict[str, Callable[[], Step]] = {
    "trafilatura": trafilatura_default,
    "trafilatura-fast": trafilatura_fast,
    "trafilatura-precision": trafilatura_precision,
    "readability-lxml": readability_lxml,
    "resiliparse": resiliparse_main,
    "justext": justext_all_languages,
    "boilerpy3": boilerpy3_article,
}


def extractor(name: str) -> Step | Missing:
    """Return the extractor called *name*, or that it is not installed."""
    try:
        return EXTRACTORS[name]()
    except ImportError as error:
        return Missing(f"not installed: {error.name or error}")
