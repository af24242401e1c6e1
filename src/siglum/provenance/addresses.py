"""Addresses: what the document's own address says when a translation proxy served it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qs

import regex

from siglum.provenance.lexicon import TIMEOUT_S, data

LONGEST = 8000  # code points of an address that are read


@cache
def _rules() -> list[tuple[regex.Pattern[str], dict[str, Any]]]:
    return [(regex.compile(rule["regex"], regex.IGNORECASE), rule) for rule in data()["addresses"]]


def read_address(url: str) -> tuple[str, dict[str, str], str] | None:
    """Return (rule, claims, why) of a translation proxy's address, or None for any other.

    >>> read_address("https://example.org/")
    """
    for pattern, rule in _rules():
        m = pattern.match(url[:LONGEST], timeout=TIMEOUT_S)
        if m:
            return rule["id"], _claims(rule, m.groupdict()), rule["why"]
    return None


def _claims(rule: Mapping[str, Any], groups: Mapping[str, str | None]) -> dict[str, str]:
    query = parse_qs((groups.get("query") or "").lstrip("?&"), max_num_fields=60) if groups.get("query") else {}
    claims = {"method": "machine"}
    if rule.get("engine"):
        claims["engine"] = rule["engine"]
    pair = query.get(rule.get("lang", ""), [""])[0].split("-")
    source = groups.get("source") or query.get(rule.get("source", ""), [""])[0] or (pair[0] if len(pair) == 2 else "")
    target = groups.get("target") or query.get(rule.get("target", ""), [""])[0] or pair[-1]
    if source and source not in ("auto", "auto-detect", ""):
        claims["source"], claims["source_basis"] = _tag(source), "address"
    if target:
        claims["target"] = _tag(target)
    original = query.get(rule.get("original", ""), [""])[0]
    if groups.get("rest"):
        original = f"{groups['scheme']}://{groups['rest']}"
    elif groups.get("host"):
        original = "https://" + _host(groups["host"] or "") + (groups.get("path") or "/")
    if original:
        claims["original"] = original
    return claims


def _host(dashed: str) -> str:
    """Return the host a Google proxy name was made from: "-" was ".", "--" was "-"."""
    return dashed.replace("--", "\0").replace("-", ".").replace("\0", "-")


def _tag(code: str) -> str:
    code = code.split("_")[0] if "_" in code else code
    return {
        "iw": "he",
        "jw": "jv",
        "zh-CN": "zh-Hans",
        "zh-TW": "zh-Hant",
        "kor": "ko",
        "jp": "ja",
        "spa": "es",
        "fra": "fr",
    }.get(code, code)
