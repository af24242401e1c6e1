"""Collections: what the judgements of many documents say together, and which document disagrees with its site."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from siglum.provenance.judge import Provenance

FEWEST = 5  # documents of a site from which its habit is known
HABIT = 0.9  # share of them that must be credited alike


@dataclass(frozen=True)
class Judged:
    """One document's judgement and where it stands."""

    id: str
    site: str
    provenance: Provenance


@dataclass(frozen=True)
class Odd:
    """A document without the credit that nearly all others of its site carry: a hint, not a claim."""

    id: str
    site: str
    expected: str  # the method of the others
    engine: str | None
    basis: str  # "19 of 20 documents of the site are credited so"


@dataclass(frozen=True)
class Summary:
    """Counts over a collection, in sorted order, and the documents that disagree with their site."""

    sites: tuple[tuple[str, str, int], ...]  # site, method, documents
    engines: tuple[tuple[str, int], ...]
    pairs: tuple[tuple[str, str, int], ...]  # source, target, documents
    odd: tuple[Odd, ...]


def site_of(url: str) -> str:
    """Return the host of *url* without "www.", "" where there is none.

    >>> site_of("https://www.example.org:8080/a"), site_of("page.txt")
    ('example.org', '')
    """
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def summarise(documents: Iterable[Judged]) -> Summary:
    """Return what *documents* say together."""
    sites: Counter[tuple[str, str]] = Counter()
    engines: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    by_site: defaultdict[str, list[Judged]] = defaultdict(list)
    for d in documents:
        p = d.provenance
        sites[d.site, p.method] += 1
        by_site[d.site].append(d)
        if p.engine:
            engines[p.engine] += 1
        if p.method != "unknown":
            pairs[p.source_language or "und", p.target] += 1
    return Summary(
        tuple((site, method, n) for (site, method), n in sorted(sites.items())),
        tuple(sorted(engines.items(), key=lambda item: (-item[1], item[0]))),
        tuple((a, b, n) for (a, b), n in sorted(pairs.items(), key=lambda item: (-item[1], item[0]))),
        tuple(odd for site in sorted(by_site) if site for odd in _odd(site, by_site[site])),
    )


def _odd(site: str, documents: list[Judged]) -> list[Odd]:
    """Return the uncredited documents of a *site* whose other documents in the same language are credited alike."""
    out: list[Odd] = []
    by_language: defaultdict[str, list[Judged]] = defaultdict(list)
    for d in documents:
        by_language[d.provenance.target].append(d)
    for language in sorted(by_language):
        group = by_language[language]
        credited = Counter(
            (d.provenance.method, d.provenance.engine) for d in group if d.provenance.method != "unknown"
        )
        if len(group) < FEWEST or not credited:
            continue
        (method, engine), n = min(credited.items(), key=lambda item: (-item[1], str(item[0])))
        if n / len(group) < HABIT:
            continue
        basis = f"{n} of {len(group)} documents of the site in this language are credited so"
        out.extend(Odd(d.id, site, method, engine, basis) for d in group if d.provenance.method == "unknown")
    return sorted(out, key=lambda o: o.id)
