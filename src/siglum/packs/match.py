"""The matchers: compiled packs against one document, all rules at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import regex

from siglum.document import NOTHING, Document, Evidence, Finding
from siglum.native import twinned
from siglum.packs.keys import LONGEST, Coded, KeySet, key, key_set, template_key
from siglum.packs.literals import Literals
from siglum.packs.rule import LANGUAGES, SAFETY, CompiledRule
from siglum.page import Page, page_of
from siglum.span import Span

TIMEOUT_S = 0.25  # of one pattern on one document; the ones shipped take well under a millisecond on hostile lines
LONGEST_OF_SITE = 1000  # code points of a line that may be a label of its site
CLUSTER = 3  # labels that make a run of lines a cluster
GAP = 40  # code points of a line that may stand between the labels of a cluster without being one

TABLES = ("labels", "templates")  # of keys

_SLOT = re.compile(r"\{([a-z_]+)\}")
_HOST = re.compile(r"^[a-z][a-z0-9+.-]{0,20}://(?:[^/?#@]{0,200}@)?([^/?#:]{1,255})", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Index:
    """Compiled packs, ready to be asked. Immutable; `merged` gives a new one with further packs on top."""

    data: Mapping[str, Any]
    version: str = ""

    @cached_property
    def rules(self) -> tuple[CompiledRule, ...]:
        """All rules, in the order their numbers count."""
        return tuple([CompiledRule(*row) for row in self.data["rules"]])

    @cached_property
    def firing(self) -> tuple[tuple[int, int, str | None], ...]:
        """For each rule how its labels fire: the place of its safety class, its edge lines, what it puts in place."""
        classes = list(SAFETY)
        return tuple([(classes.index(rule.safety), rule.edge_lines, rule.after) for rule in self.rules])

    def merged(self, data: Mapping[str, Any], version: str) -> Index:
        """Return an index of these packs and those of *data*; where both know a label, *data* wins."""
        base = len(self.data["rules"])
        first_set = len(self.data["languages"])

        def moved(codes: Mapping[str, int]) -> dict[str, int]:
            return {k: (c // LANGUAGES + base) * LANGUAGES + c % LANGUAGES + first_set for k, c in codes.items()}

        def renumbered(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
            return [{**item, "rule": item["rule"] + base} for item in items]

        sites = dict(self.data["sites"])
        for site, tables in data["sites"].items():
            old = sites.get(site, {"labels": {}, "templates": {}})
            sites[site] = {t: {**old[t], **moved(tables[t])} for t in TABLES}
        sequences = [
            {**s, "steps": [{**p, "rules": [n + base for n in p["rules"]]} if "rules" in p else p for p in s["steps"]]}
            for s in renumbered(data["sequences"])
        ]
        merged = {
            "rules": [*self.data["rules"], *data["rules"]],
            "claims": {**self.data["claims"], **{str(int(n) + base): c for n, c in data["claims"].items()}},
            **{t: Coded.of({**self._coded(t).table(), **moved(Coded(*data[t]).table())}) for t in TABLES},
            "languages": [*self.data["languages"], *data["languages"]],
            "sites": sites,
            "sequences": [*self.data["sequences"], *sequences],
            **{name: [*self.data[name], *renumbered(data[name])] for name in ("patterns", "clusters", "tags", "urls")},
        }
        return Index(merged, f"{self.version}+{version}" if self.version else version)

    @cached_property
    def _kinds(self) -> tuple[str, ...]:
        return tuple([rule.label for rule in self.rules])

    def label(self, page: Page, url: str = "") -> Mapping[int, int]:
        """Return the code of the label that a line of *page* is, by line and in order; most are none."""
        return _labels_of(self, page, _host(url) if url else "")

    def named(self, page: Page, url: str = "") -> dict[int, str]:
        """Return what kind of label a line of *page* is, as `label` does."""
        return kinds_of(self.label(page, url), self._kinds)

    @cached_property
    def _keys(self) -> KeySet:
        """All keys and templates that are looked for on any page."""
        return key_set(self._coded("labels"), self._coded("templates"), self._anchors[0])

    def _coded(self, table: str) -> Coded:
        return Coded(*self.data[table])

    @lru_cache(maxsize=8)  # noqa: B019 - an index lives as long as the process that cleans with it
    def met(self, page: Page) -> tuple[dict[int, str], dict[int, int]]:
        """Return the keys of the lines of *page* that are known to any rule, and the codes of labels among them.

        By line and in order; what rules of a single site know is left out.
        """
        return self._keys.met(page.rows)

    def rule_of(self, code: int) -> CompiledRule:
        """Return the rule a label's *code* belongs to."""
        return self.rules[code // LANGUAGES]

    def languages_of(self, code: int) -> str:
        """Return the languages in which the label of *code* is known, as tags joined by spaces."""
        spoken: str = self.data["languages"][code % LANGUAGES]
        return spoken

    def find(self, doc: Document, *, anywhere: bool = False) -> list[Finding]:
        """Return what the rules find in *doc*; *anywhere* lifts the safety classes, for examples of a single line."""
        page = page_of(doc.text)
        codes = self.label(page, doc.url)
        runs = list(self._sequences(page, codes, doc.url))
        found = label_findings(self, page, codes, runs, anywhere)
        found += [Finding(Span(page.starts[first], page.ends[last]), e, after) for first, last, e, after in runs]
        found += self._patterns(page, doc)
        found += self._clusters(page, doc.url)
        found += self._urls(doc.url)
        found += self._tags(doc)
        return found

    @cached_property
    def _evidence_of_labels(self) -> dict[int, Evidence]:
        return {}  # by code, of the labels that were met: one for all their findings

    def evidence_of_label(self, code: int) -> Evidence:
        """Return what a finding says of the label with *code*."""
        known = self._evidence_of_labels
        if code not in known:
            known[code] = self._label_evidence(code)
        return known[code]

    def _label_evidence(self, code: int) -> Evidence:
        rule = self.rule_of(code)
        languages = self.languages_of(code)
        claims = {"label_language": languages} if languages and languages != "und" else NOTHING
        return Evidence(f"{rule.pack}/{rule.id}", rule.label, rule.confidence, claims, rule.why)

    def _evidence_of(self, n: int, groups: Mapping[str, str | None] = NOTHING) -> Evidence:
        rule = self.rules[n]
        claims = {
            name: _SLOT.sub(lambda m: groups.get(m[1]) or "", value)
            for name, value in self.data["claims"].get(str(n), {}).items()
        }
        return Evidence(f"{rule.pack}/{rule.id}", rule.label, rule.confidence, claims, rule.why)

    @cached_property
    def _anchors(self) -> tuple[dict[str, list[_Anchor]], dict[int, list[_Anchor]]]:
        """Sequences by the key, or the number of the rule, of the step they are found by."""
        by_key: dict[str, list[_Anchor]] = {}
        by_rule: dict[int, list[_Anchor]] = {}
        for raw in self.data["sequences"]:
            steps = raw["steps"]
            at = next(i for i, step in enumerate(steps) if "regex" not in step)
            anchor = _Anchor(raw["rule"], at, steps, tuple(raw["sites"]))
            for n in steps[at].get("rules", ()):
                by_rule.setdefault(n, []).append(anchor)
            for k in steps[at].get("keys", ()):
                by_key.setdefault(k, []).append(anchor)
        return by_key, by_rule

    def _sequences(self, page: Page, codes: Mapping[int, int], url: str) -> Iterator[_Run]:
        by_key, by_rule = self._anchors
        for n in places_of(self.met(page)[0], codes, by_key, by_rule):
            anchors = by_key.get(page.key(n), []) + (by_rule.get(codes[n] // LANGUAGES, []) if n in codes else [])
            for rule, at, steps, sites in anchors:
                first = n - at
                if first < 0 or first + len(steps) > len(page.rows) or not _on_sites(url, sites):
                    continue
                if all(_fits(s, page, codes, first + i) for i, s in enumerate(steps)):
                    taken = [first + i for i, s in enumerate(steps) if s.get("take", True)]
                    yield _Run(taken[0], taken[-1], self._evidence_of(rule), self.rules[rule].after)

    @cached_property
    def _pattern_literals(self) -> tuple[Literals, dict[str, list[int]]]:
        """The literals of all patterns, and in which patterns each stands."""
        places: dict[str, list[int]] = {}
        for place, raw in enumerate(self.data["patterns"]):
            for literal in raw["literals"]:
                places.setdefault(literal, []).append(place)
        return Literals(tuple(places)), places

    def _patterns(self, page: Page, doc: Document) -> Iterator[Finding]:
        if not self.data["patterns"]:
            return
        of_all, places = self._pattern_literals
        met = {place for literal in of_all.found(doc.text.casefold()) for place in places[literal]}
        for raw in [self.data["patterns"][place] for place in sorted(met)]:
            n, literals = raw["rule"], raw["literals"]
            if not _on_sites(doc.url, tuple(raw["sites"])):
                continue
            pattern = _pattern(raw["regex"])
            try:
                if raw["unit"] == "text":
                    for m in pattern.finditer(doc.text, timeout=TIMEOUT_S):
                        yield Finding(Span(*m.span()), self._evidence_of(n, m.groupdict()), self.rules[n].after)
                    continue
                for i, line in enumerate(page.lines):
                    if _near_edge(self.rules[n], i, len(page.lines)) and any(t in line.casefold() for t in literals):
                        m = pattern.fullmatch(line, timeout=TIMEOUT_S)
                        if m:
                            yield Finding(page.span(i), self._evidence_of(n, m.groupdict()), self.rules[n].after)
            except TimeoutError:
                yield self._timed_out(n)

    def _timed_out(self, n: int) -> Finding:
        rule = self.rules[n]
        why = f"the pattern took longer than {TIMEOUT_S} s on this document and was given up"
        return Finding(Span(0, 0), Evidence(f"{rule.pack}/{rule.id}", "timeout", rule.confidence, NOTHING, why))

    @cached_property
    def _compiled_clusters(self) -> tuple[tuple[int, Any, int, tuple[str, ...]], ...]:
        return tuple((c["rule"], regex.compile(c["regex"]), c["min"], tuple(c["sites"])) for c in self.data["clusters"])

    def _clusters(self, page: Page, url: str) -> Iterator[Finding]:
        for n, pattern, least, sites in self._compiled_clusters:
            if len(page.rows) < least or not _on_sites(url, sites):
                continue
            try:
                fits = [
                    len(line) <= LONGEST and pattern.fullmatch(line, timeout=TIMEOUT_S) is not None
                    for line in page.lines
                ]
            except TimeoutError:
                yield self._timed_out(n)
                continue
            for first, last in _stretches(fits):
                if last + 1 - first >= least:
                    for i in range(first, last + 1):
                        yield Finding(page.span(i), self._evidence_of(n), self.rules[n].after)

    @cached_property
    def _compiled_urls(self) -> tuple[tuple[int, Any], ...]:
        return tuple((u["rule"], regex.compile(u["regex"])) for u in self.data["urls"])

    def _urls(self, url: str) -> Iterator[Finding]:
        for n, pattern in self._compiled_urls if url else ():
            try:
                m = pattern.search(url, timeout=TIMEOUT_S)
            except TimeoutError:
                yield self._timed_out(n)
                continue
            if m:
                evidence = self._evidence_of(n, m.groupdict())
                yield Finding(Span(0, 0), evidence._replace(quote=url, place="url"))

    def _tags(self, doc: Document) -> Iterator[Finding]:
        if not doc.html or not self.data["tags"]:
            return
        folded = doc.html.casefold()
        for tag in self.data["tags"]:
            name, attribute = tag.get("element", ""), tag.get("attribute", "")
            if (f"<{name}" if name else attribute) not in folded:
                continue
            try:
                m = _tag_pattern(name, attribute, tag.get("value", "")).search(doc.html, timeout=TIMEOUT_S)
            except TimeoutError:
                yield self._timed_out(tag["rule"])
                continue
            if m:
                evidence = self._evidence_of(tag["rule"], m.groupdict())
                yield Finding(Span(0, 0), evidence._replace(quote=m[0], place=f"html:{m.start()}"))


class _Run(NamedTuple):
    """A sequence found: its first and last line taken, why, and what replaces it."""

    first: int
    last: int
    evidence: Evidence
    after: str | None


class _Anchor(NamedTuple):
    rule: int
    at: int  # the step the sequence is found by
    steps: Sequence[Mapping[str, Any]]
    sites: tuple[str, ...]


@twinned("match")
def kinds_of(codes: Mapping[int, int], kinds: tuple[str, ...]) -> dict[int, str]:
    """Return what *codes* stand for, by the same numbers; *kinds* says it of each rule."""
    return {n: kinds[code // LANGUAGES] for n, code in codes.items()}


@twinned("match")
def places_of(
    keys: Mapping[int, str], codes: Mapping[int, int], by_key: Mapping[str, Any], by_rule: Mapping[int, Any]
) -> list[int]:
    """Return the lines, in order, whose key stands in *by_key*, or the rule of whose label in *by_rule*."""
    places = [n for n, k in keys.items() if k in by_key]
    places += [n for n, code in codes.items() if code // LANGUAGES in by_rule]
    return sorted(set(places))


@twinned("match")
def label_findings(
    index: Index, page: Page, codes: Mapping[int, int], runs: Sequence[_Run], anywhere: bool
) -> list[Finding]:
    """Return a finding for each line of *page* whose label, of those in *codes*, fires.

    *runs* are the sequences found, whose lines count as labels of a cluster; *anywhere* lifts the safety classes.
    """
    if not codes:
        return []
    labelled = [n in codes for n in range(len(page.rows))]
    for first, last, _, _ in runs:
        labelled[first : last + 1] = [True] * (last + 1 - first)
    clustered = _clustered(page, labelled)
    in_clusters = {page.keys[n] for n in codes if clustered[n]}
    found = []
    for n, code in codes.items():
        rule = index.rule_of(code)
        if not _near_edge(rule, n, len(page.rows)):
            continue
        if anywhere or _may_fire(rule.safety, page, n, clustered, in_clusters):
            found.append(Finding(page.span(n), index.evidence_of_label(code), rule.after))
    return found


@lru_cache(maxsize=8)
def _labels_of(index: Index, page: Page, host: str) -> Mapping[int, int]:
    codes = index.met(page)[1]
    known = index.data["sites"]
    sites = [known[site] for site in _sites_above(host) if site in known] if known else ()
    if not sites:
        return codes
    codes = dict(codes)
    for tables in sites:
        for n, line in enumerate(page.lines):
            # A site's own rules know long lines too: notices and teasers.
            k = page.keys[n] or (key(line) if len(line) <= LONGEST_OF_SITE else "")
            code = tables["labels"].get(k)
            if code is None:
                code = tables["templates"].get(template_key(k))
            if code is not None:
                codes[n] = code
    return dict(sorted(codes.items()))


def _fits(step: Mapping[str, Any], page: Page, codes: Mapping[int, int], n: int) -> bool:
    if "keys" in step:
        return page.key(n) in step["keys"]
    if "rules" in step:
        return n in codes and codes[n] // LANGUAGES in step["rules"]
    try:
        return _pattern(step["regex"]).fullmatch(page.lines[n][:LONGEST], timeout=TIMEOUT_S) is not None
    except TimeoutError:
        return False


@lru_cache(maxsize=16384)  # made when first needed: of thousands of patterns a corpus meets few
def _pattern(pattern: str) -> Any:
    return regex.compile(pattern)


@lru_cache(maxsize=256)
def _tag_pattern(element: str, attribute: str, value: str) -> Any:
    """Return the pattern of a start tag with that element name and an attribute whose value holds *value*."""
    name = regex.escape(element) if element else r"[a-z][a-z0-9-]{0,40}"
    if not attribute:
        return regex.compile(rf"<{name}(?=[\s/>])[^<>]{{0,2000}}>", regex.I)
    inside = rf"(?:[^\"<>]{{0,500}}?(?:{value})[^\"<>]{{0,500}}?)" if value else r"[^\"<>]{0,1000}"
    return regex.compile(
        rf"<{name}\s(?:[^<>]{{0,2000}}?\s)?{regex.escape(attribute)}\s{{0,4}}=\s{{0,4}}[\"']?{inside}[\"']?[^<>]{{0,2000}}?>",
        regex.I,
    )


def _clustered(page: Page, labelled: Sequence[bool]) -> list[bool]:
    """Tell for each line whether it stands in a cluster.

    A cluster is a run of lines with CLUSTER labels or more, in which no two lines that are not labels follow each
    other, and none of these is long.
    """
    out = [False] * len(labelled)
    run: list[int] = []
    for n in [*(n for n, is_label in enumerate(labelled) if is_label), len(labelled) + 2]:
        if run and not (n == run[-1] + 1 or (n == run[-1] + 2 and len(page.lines[n - 1]) <= GAP)):
            if len(run) >= CLUSTER:
                for i in run:
                    out[i] = True
            run = []
        run.append(n)
    return out


def _may_fire(safety: str, page: Page, n: int, clustered: Sequence[bool], in_clusters: set[str]) -> bool:
    """Tell whether a label of that safety class may fire on line *n*.

    A line that stands in a cluster, and again by itself at an edge of the page, is furniture there too.
    """
    match safety:
        case "always":
            return True
        case "edge-zone":
            return clustered[n] or page.in_edge_zone(n)
        case "in-cluster":
            return clustered[n] or (page.keys[n] in in_clusters and page.in_edge_zone(n))
        case _:
            return clustered[n] and page.keys.count(page.keys[n]) > 1


def _near_edge(rule: CompiledRule, n: int, lines: int) -> bool:
    return not rule.edge_lines or n < rule.edge_lines or n >= lines - rule.edge_lines


def _stretches(fits: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield the first and last place of each run of true values."""
    first = -1
    for n, fit in enumerate((*fits, False)):
        if fit and first < 0:
            first = n
        elif not fit and first >= 0:
            yield first, n - 1
            first = -1


def _host(url: str) -> str:
    m = _HOST.match(url)
    return m[1].lower() if m else ""


def _sites_above(host: str) -> list[str]:
    """Return *host* and the domains above it, but for the last part, which is no site."""
    parts = host.split(".")
    return [".".join(parts[i:]) for i in range(max(1, len(parts) - 1))]


def on_site(url: str, site: str) -> bool:
    """Tell whether *url* lies on *site* or on a sub-domain of it.

    >>> on_site("https://en.iz.ru/en/1", "iz.ru"), on_site("https://biz.ru/", "iz.ru")
    (True, False)
    """
    host = _host(url)
    return host == site or host.endswith("." + site)


def _on_sites(url: str, sites: tuple[str, ...]) -> bool:
    return not sites or any(on_site(url, site) for site in sites)


def found_by(index: Index, rule: str, doc: Document) -> list[Finding]:
    """Return what the rule with the id *rule* finds in *doc*, as its examples are judged.

    A text of one line is judged without its safety class: an example cannot show a page's edge in one line.
    """
    single = len(page_of(doc.text).lines) <= 1
    return [f for f in index.find(replace(doc), anywhere=single) if f.evidence.rule.rpartition("/")[2] == rule]
