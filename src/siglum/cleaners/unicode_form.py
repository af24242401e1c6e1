"""Unicode form: one of the four normalisation forms for the whole text, as the smallest edits; off unless asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal
from unicodedata import is_normalized, normalize, unidata_version

from siglum.cleaners.embedded import protected
from siglum.document import Document, Evidence, Finding
from siglum.span import Span

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]

# Normalisation never reaches across one of these, except that marks after it may join it: so a stretch from one of them
# to the next is closed, and normalising stretch by stretch normalises the text.
_STEADY = "\x00-\x7f\u3001-\u301b\u4e00-\u9fff"
_STRETCH = re.compile(f"[{_STEADY}]?[^{_STEADY}]+")
# Sorting marks takes time that grows with the square of their number: a stretch longer than any writing has is left.
_LONGEST = 2000
_OVERLONG = re.compile(f"(?<![^{_STEADY}])[^{_STEADY}]{{{_LONGEST}}}")


@dataclass(frozen=True)
class UnicodeForm:
    """Finds what is not in the Unicode normalisation *form*; spans that `embedded.protected` names stay as they are.

    Without such spans the edited text is `unicodedata.normalize(form, text)`, except that stretches of 2,000 code
    points and more without an ideograph or anything of ASCII stay too.
    """

    form: Form = "NFC"
    name: str = "unicode-form"

    @property
    def version(self) -> str:
        """The form and the version of Unicode it was taken from."""
        return f"{self.form} {unidata_version}"

    def __call__(self, doc: Document) -> Iterable[Finding]:
        """Return one replacement for each smallest stretch that is not in the form, in order."""
        text = doc.text
        if not _OVERLONG.search(text) and is_normalized(self.form, text):
            return
        why = f"not in the Unicode form {self.form}"
        evidence = Evidence(rule=f"unicode/{self.form.lower()}", label="unicode", why=why)
        for stretch in _unprotected(text):
            for match in _STRETCH.finditer(text, *stretch):
                before = match.group()
                if len(before) >= _LONGEST:
                    continue
                after = normalize(self.form, before)
                if after != before:
                    head = _agreeing(before, after)
                    tail = _agreeing(before[head:][::-1], after[head:][::-1])
                    span = Span(match.start() + head, match.end() - tail)
                    yield Finding(span, evidence, after[head : len(after) - tail])


def _agreeing(one: str, two: str) -> int:
    """Return how many code points the two have in common at their beginning."""
    return next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))


def _unprotected(text: str) -> Iterator[Span]:
    at = 0
    for span in [*protected(text), Span(len(text), len(text))]:
        yield Span(at, span.start)
        at = max(at, span.end)
