"""Learning a site's template: what repeats across its pages, written as a rule pack anybody can read and change.

A line is a candidate when it stands on two pages or more that do not tell the same story: reposts, print versions and
the parts of an article that is cut up count as one page. Lines that differ only in a number ("Views: 12") are one
candidate with a slot. Then each candidate is checked on every page it stands on: where the line model reads it as
article text though it is told that the line repeats, it is held back: its rule only marks.

Memory holds the pages of one site at a time, `MOST` at the most. All pages wait on disk, in a SQLite file that is
deleted in the end: a million pages need some gigabytes there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import sqlite3
import tempfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from siglum.content.lines import score_lines
from siglum.packs.keys import key, template_key
from siglum.sites.site import series_of, site_of

FIRST_LINE = "# Learned from"  # by which a learned pack is told from one that a person wrote
MOST = 400  # pages of one site that are compared; further ones would change little
LONGEST = 1000  # code points of a line that may become a rule: notices and teasers are long
LEAST_PAGES = 2  # that tell different stories and hold the line
LEAST_SHARE = 0.01  # of a site's stories
SAME_STORY = 0.9  # of the shorter page's word 5-grams
LEAST_GRAMS = 12  # in a sketch, to compare two pages at all
COMMON = 2, 0.05  # pages, and share of pages; a 5-gram on more of them is template, not story
SAMPLE = 4  # one of so many 5-grams enters the sketch
HOLD_BACK = 0.4  # mean chance of being article
_DENSE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(f"[{_DENSE}]|[^\\W{_DENSE}]+")
_NUMBER = re.compile(r"\d+(?:[.,:'’\u00a0\u202f]\d+)*")


class Source(NamedTuple):
    """A page to learn from."""

    url: str
    id: str
    text: str


@dataclass
class Candidate:
    """A line, or a line with a slot for a number, that repeats on a site."""

    label: str  # as it first stood; {n} where a number varies
    stories: set[int] = field(default_factory=set)
    lines: int = 0
    chance: float = 0.0  # sum over its lines

    @property
    def risk(self) -> float:
        """Mean chance that one of its lines is article text."""
        return self.chance / max(self.lines, 1)


@dataclass(frozen=True)
class Template:
    """What was learned about one site."""

    site: str
    pages: int
    stories: int
    exact: tuple[Candidate, ...]
    counters: tuple[Candidate, ...]
    held_back: tuple[Candidate, ...]
    left: str  # a line of the site that no rule takes, as a counter-example


@dataclass(frozen=True)
class _Page:
    url: str
    lines: list[str]
    keys: list[str]
    sketch: frozenset[int]


def learn(pages: Iterable[Source]) -> Iterator[Template]:
    """Yield the template of each site that shows one, sites in alphabetical order.

    *pages* is read once. Pages without an address teach nothing. What comes back depends on the pages alone, not on
    their order: a site with more than `MOST` pages is learned from those with the smallest digests of their ids.
    """
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(sqlite3.connect(Path(folder) / "pages")) as store:
        store.execute("PRAGMA journal_mode = OFF")
        store.execute("PRAGMA synchronous = OFF")
        store.execute("CREATE TABLE pages (site TEXT, place BLOB, url TEXT, text BLOB)")
        store.executemany("INSERT INTO pages VALUES (?, ?, ?, ?)", _rows(pages))
        store.execute("CREATE INDEX by_site ON pages (site, place)")
        sites = store.execute("SELECT site FROM pages GROUP BY site HAVING count(*) >= ? ORDER BY site", (LEAST_PAGES,))
        for (site,) in sites:
            found = store.execute("SELECT url, text FROM pages WHERE site = ? ORDER BY place LIMIT ?", (site, MOST))
            template = learn_site(site, [(url, _unpacked(text)) for url, text in found])
            if template.exact or template.counters:
                yield template


def _rows(pages: Iterable[Source]) -> Iterator[tuple[str, bytes, str, bytes]]:
    for page in pages:
        site = site_of(page.url)
        if site:
            place = hashlib.sha256(f"{page.id}\0{page.url}".encode("utf-8", "surrogatepass")).digest()
            yield site, place, page.url, zlib.compress(page.text.encode("utf-8", "surrogatepass"), 1)


def _unpacked(data: bytes) -> str:
    return zlib.decompress(data).decode("utf-8", "surrogatepass")


def learn_site(site: str, sources: Sequence[tuple[str, str]]) -> Template:
    """Return what the pages of one site, as (address, text), have in common."""
    pages = [_read(url, text) for url, text in sources]
    story = _stories(pages)
    stories = len(set(story))
    least = max(LEAST_PAGES, int(stories * LEAST_SHARE))
    exact: dict[str, Candidate] = {}
    counters: dict[str, Candidate] = {}
    variants: dict[str, set[str]] = defaultdict(set)
    for n, page in zip(story, pages, strict=True):
        for line, k in zip(page.lines, page.keys, strict=True):
            if not _may_be_a_rule(line, k):
                continue
            exact.setdefault(k, Candidate(line.strip())).stories.add(n)
            t = template_key(k)
            if t != k:
                variants[t].add(k)
                counters.setdefault(t, Candidate(_with_slots(line.strip(), t))).stories.add(n)
    exact = {k: c for k, c in exact.items() if len(c.stories) >= least}
    counters = {t: c for t, c in counters.items() if len(c.stories) >= least and len(variants[t]) > 1}
    exact = {k: c for k, c in exact.items() if template_key(k) not in counters}
    left = _check(pages, exact, counters)
    found = [*exact.values(), *counters.values()]
    held = tuple(c for c in found if c.risk >= HOLD_BACK)
    return Template(site, len(pages), stories, _good(exact), _good(counters), held, left)


def _read(url: str, text: str) -> _Page:
    lines = text.split("\n")
    grams: set[int] = set()
    for line in lines:
        words = _TOKEN.findall(line.casefold())
        grams.update(zlib.crc32(" ".join(words[j : j + 5]).encode("utf-8", "replace")) for j in range(len(words) - 4))
    return _Page(url, lines, [key(line) for line in lines], frozenset(g for g in grams if g % SAMPLE == 0))


def _may_be_a_rule(line: str, k: str) -> bool:
    """Tell whether a line can be written as a label: something to compare, no slot signs of its own, valid text."""
    return bool(k) and len(line) <= LONGEST and not any(c in "{}⟦⟧" or "\ud800" <= c <= "\udfff" for c in line)


def _with_slots(line: str, template: str) -> str:
    label = _NUMBER.sub("{n}", line)
    return label if template_key(key(label.replace("{n}", "0"))) == template else template.replace("0", "{n}")


def _stories(pages: Sequence[_Page]) -> list[int]:
    """Return for each page the number of the story it tells; near-duplicates and parts of one article share one."""
    number = list(range(len(pages)))

    def find(n: int) -> int:
        while number[n] != n:
            number[n] = number[number[n]]
            n = number[n]
        return n

    series: dict[str, int] = {}
    for n, page in enumerate(pages):
        # An address that is no more than a site's front page says nothing about the story.
        if page.url.rstrip("/").count("/") > 2:
            number[find(n)] = find(series.setdefault(series_of(page.url), n))
    on: dict[int, list[int]] = defaultdict(list)
    for n, page in enumerate(pages):
        for gram in page.sketch:
            on[gram].append(n)
    common = max(COMMON[0], int(COMMON[1] * len(pages)))
    told = [places for places in on.values() if len(places) <= common]
    sizes = Counter(n for places in told for n in places)
    shared = Counter((a, b) for places in told for i, b in enumerate(places) for a in places[:i])
    for (a, b), grams in shared.items():
        size = min(sizes[a], sizes[b])
        if size >= LEAST_GRAMS and grams >= SAME_STORY * size:
            number[find(max(a, b))] = find(min(a, b))
    return [find(n) for n in range(len(pages))]


def _check(pages: Sequence[_Page], exact: dict[str, Candidate], counters: dict[str, Candidate]) -> str:
    """Add up, for each candidate, how much its lines read like article text; return a line that no candidate takes."""
    left = ""
    for page in pages:
        found = [exact.get(k) or (counters.get(template_key(k)) if k else None) for k in page.keys]
        scores = score_lines(page.lines, ["repeats" if c else "" for c in found])
        for c, line, score in zip(found, page.lines, scores, strict=True):
            if c:
                c.lines += 1
                c.chance += score.keep
            elif not left and score.keep > 0.9 and len(line) < 200 and _may_be_a_rule(line, key(line)):
                left = line.strip()
    return left


def _good(candidates: dict[str, Candidate]) -> tuple[Candidate, ...]:
    kept = [c for c in candidates.values() if c.risk < HOLD_BACK]
    return tuple(sorted(kept, key=lambda c: (-len(c.stories), c.label)))


def to_toml(template: Template) -> str:
    """Return *template* as a rule pack: rules that drop, and rules that only mark what was held back."""
    half = [c for c in template.exact if 2 * len(c.stories) >= template.stories]
    rest = [c for c in template.exact if 2 * len(c.stories) < template.stories]
    out = [
        f"{FIRST_LINE} {template.pages} pages of {template.site}, which tell {template.stories} different stories.",
        "# Beside each label: on how many stories it stands, and the chance that a line like it is article text.",
    ]
    out += ["", "format = 1"]
    plain = [c for c in template.held_back if "{n}" not in c.label]
    slotted = [c for c in template.held_back if "{n}" in c.label]
    for name, action, found, what in (
        ("frame", "drop", half, "stand on at least half of the pages of this site: its template"),
        ("repeats", "drop", rest, "stand on several pages of this site that tell different stories"),
        ("counters", "drop", template.counters, "stand on several pages of this site and differ in their numbers only"),
        ("doubtful", "mark", plain, "repeat on this site but read like article text, so they are held back"),
        ("doubtful-counters", "mark", slotted, "repeat but for their numbers, and read like article text: held back"),
    ):
        if found:
            out += ["", *_rule(template, name, action, found, what)]
    return "\n".join(out) + "\n"


def _rule(template: Template, name: str, action: str, found: Sequence[Candidate], what: str) -> Iterator[str]:
    slug = re.sub(r"[^a-z0-9]+", "-", template.site.encode("punycode").decode("ascii")).strip("-")
    lines = sum(c.lines for c in found)
    risk = sum(c.chance for c in found) / max(lines, 1)
    address = f"https://{template.site}/"
    elsewhere = "https://example.com/" if template.site != "example.com" else "https://example.org/"
    example = found[0].label.replace("{n}", "7")
    yield "[[rule]]"
    yield f'id = "{slug or "site"}-{name}"'
    yield 'label = "template"'
    yield f'action = "{action}"'
    yield 'status = "learned"'
    yield f"confidence = {max(round(1 - risk, 3), 0.001)}"
    yield f'why = "These lines {what}. Learned by comparing pages."'
    yield f"sites = [{_quoted(template.site)}]"
    yield (
        f"evidence = {{ pages = {template.pages}, stories = {template.stories}, labels = {len(found)}, "
        f"lines = {lines}, risk = {round(risk, 4)} }}"
    )
    yield f"match = [{{ url = {_quoted(address)}, text = {_quoted(example)} }}]"
    missed = [f"{{ url = {_quoted(elsewhere)}, text = {_quoted(example)} }}"]
    if template.left:
        missed.append(f"{{ url = {_quoted(address)}, text = {_quoted(template.left)} }}")
    yield f"miss = [{', '.join(missed)}]"
    yield ""
    yield f"[rule.{'template' if '{n}' in found[0].label else 'exact'}]"
    yield "und = ["
    for c in found:
        yield f"  {_quoted(c.label)},  # {len(c.stories)}, {c.risk:.2f}"
    yield "]"


def _quoted(text: str) -> str:
    """Return *text* as a basic string of TOML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def write(templates: Iterable[Template], folder: Path) -> Iterator[Template]:
    """Write each template to `<site>.toml` in *folder*, and yield it."""
    folder.mkdir(parents=True, exist_ok=True)
    for template in templates:
        name = re.sub(r"[^\w.-]", "_", template.site)
        (folder / f"{name}.toml").write_text(to_toml(template), "utf-8")
        yield template
