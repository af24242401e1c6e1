"""Hints: weak cues of the text itself, counted and shown; they never make a method or a tag."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import regex

from siglum.document import Document, Evidence, Finding
from siglum.provenance.claims import LABEL_HINT
from siglum.provenance.lexicon import TIMEOUT_S, data
from siglum.span import Span

CAP = 10.0  # the most that all hints of one document count together
SHOWN = 5  # findings one rule shows; the count says how many there are
LATIN_SHARE = 0.8  # of the letters: hints are measured on Latin-script prose only
SAMPLE = 2000  # code points of a text that tell its script


@cache
def _rules() -> list[tuple[regex.Pattern[str], dict[str, Any]]]:
    rules = []
    for rule in data()["hints"]:
        words = rule.get("words", [])
        pattern = rule["regex"] if "regex" in rule else rf"\b(?:{'|'.join(map(re.escape, words))})(?!\w)"
        rules.append((regex.compile(pattern), rule))
    return rules


@cache
def _any_word() -> regex.Pattern[str]:
    words = sorted({w for _, rule in _rules() for w in rule.get("words", [])})
    return regex.compile(rf"\b(?:{'|'.join(map(re.escape, words))})")


def read(doc: Document) -> Iterator[Finding]:
    """Yield the hints in *doc*'s text: each with its count, what it points to and its capped likelihood ratio."""
    text = doc.text
    sample = [c for c in text[:SAMPLE] if c.isalpha()]
    if not sample or sum(ord(c) < 0x0250 for c in sample) < LATIN_SHARE * len(sample):
        return
    wide = not text.isascii()
    worded = _any_word().search(text, timeout=TIMEOUT_S) is not None
    for pattern, rule in _rules():
        if not (worded if "words" in rule else wide):
            continue
        found = list(pattern.finditer(text, timeout=TIMEOUT_S))
        for m in found[:SHOWN]:
            claims = {
                "points_to": rule["points_to"],
                "count": str(len(found)),
                "likelihood_ratio": f"{min(rule['ratio'], CAP):g}",
            }
            why = f"{rule['why']} Weak evidence, not proof."
            yield Finding(Span(*m.span()), Evidence(rule["id"], LABEL_HINT, 0.1, claims, why, m[0]))


def weight(findings: tuple[Finding, ...]) -> dict[str, float]:
    """Return {language: likelihood ratio} of *findings*: one factor a rule, never beyond CAP.

    >>> weight(())
    {}
    """
    seen: set[str] = set()
    out: dict[str, float] = {}
    for f in findings:
        if f.evidence.rule not in seen and "likelihood_ratio" in f.evidence.claims:
            seen.add(f.evidence.rule)
            language = f.evidence.claims["points_to"]
            out[language] = min(CAP, out.get(language, 1.0) * float(f.evidence.claims["likelihood_ratio"]))
    return dict(sorted(out.items()))
