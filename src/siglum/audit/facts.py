"""What the page of a run tells: its documents, removals, rules and languages, gathered in one pass over the reports."""

from __future__ import annotations

import csv
import hashlib
import heapq
import io
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from siglum.offsets import line_spans
from siglum.report import Report, loads
from siglum.runs.audit import documents
from siglum.runs.folder import RUN
from siglum.writers.files import MANIFEST, SUMMARY

PART = 1000  # documents told in one part of the page's data
RISKS = ("review", "low", "none")  # from what wants a look to what does not
RISKIEST = 100  # removals shown without a script
WHOLE = 100_000  # code points: a longer source is shown around what was taken or marked, and where it begins
AROUND = 400  # code points shown on either side of a removal in such a source
OPENING = 4_000  # code points shown of its beginning
NO_SITE = "(no address)"

_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,20}")


class Removal(NamedTuple):
    """One edit as the static list shows it."""

    place: str  # the fragment that leads to it in the page
    document: str
    risk: str
    confidence: float
    category: str
    rules: tuple[str, ...]
    why: str
    before: str
    taken: str
    put: str
    after: str
    language: str
    lines: tuple[int, int]


@dataclass
class RuleFacts:
    """What one rule did in the run."""

    label: str
    why: str
    confidence: float
    hits: int = 0  # edits applied
    marks: int = 0  # findings that only mark
    documents: int = 0  # in which it took something
    code_points: int = 0
    varies: bool = False  # whether its reason is told place by place


class Table:
    """Words numbered in the order they come, for columns that repeat them."""

    def __init__(self) -> None:
        self.words: dict[Any, int] = {}

    def __getitem__(self, word: Any) -> int:
        return self.words.setdefault(word, len(self.words))

    def rows(self) -> list[Any]:
        """Return the words in the order of their numbers."""
        return list(self.words)


class Outlier(NamedTuple):
    """A document and the share of it that was taken, in percent."""

    share: float
    place: str
    id: str


@dataclass
class Facts:
    """All the first screen, the tables and the plots need; `parts` are told apart while the documents pass by."""

    run: Mapping[str, Any] = field(default_factory=dict)
    runs: set[str] = field(default_factory=set)  # digests of the configurations met
    manifest: str = ""  # sha256 of the run's manifest
    statuses: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[str, str]] = field(default_factory=list)
    untouched: list[str] = field(default_factory=list)
    passed: list[tuple[str, str]] = field(default_factory=list)  # what was no document, or a duplicate, and why
    account: Mapping[str, Any] = field(default_factory=dict)  # run.json, where the run has one
    code_points: int = 0
    taken: int = 0
    replaced: int = 0
    edits: int = 0
    redacted: int = 0
    rules: dict[str, RuleFacts] = field(default_factory=dict)
    categories: Counter[str] = field(default_factory=Counter)
    risks: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    line_languages: Counter[str] = field(default_factory=Counter)
    translations: Counter[tuple[str, str, str, str, str]] = field(default_factory=Counter)
    engines: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    sites: Counter[str] = field(default_factory=Counter)  # code points taken
    rules_by_site: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))  # edits
    lines_taken: int = 0  # that are not blank: as the run counted them, whatever edits they went by
    shares: list[Outlier] = field(default_factory=list)
    inverses: Counter[tuple[str, str]] = field(default_factory=Counter)
    codecs: Counter[tuple[str, str]] = field(default_factory=Counter)
    doubtful_bytes: list[tuple[str, int]] = field(default_factory=list)
    bytes_marks: Counter[str] = field(default_factory=Counter)
    line_ends: Counter[str] = field(default_factory=Counter)
    forms: Counter[str] = field(default_factory=Counter)
    embedded: Counter[tuple[str, str]] = field(default_factory=Counter)
    warnings: Counter[tuple[str, str]] = field(default_factory=Counter)
    reviews: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    riskiest: list[Removal] = field(default_factory=list)

    @property
    def documents(self) -> int:
        """How many documents the run had, failures among them."""
        return sum(self.statuses.values()) - self.statuses["skipped"]


class Index:
    """The columns by which the page's script filters, one value a document or an edit."""

    def __init__(self) -> None:
        self.tables = {name: Table() for name in ("site", "language", "translation", "engine", "basis", "category")}
        self.rules, self.kinds, self.marks = Table(), Table(), Table()
        self.columns: dict[str, list[Any]] = defaultdict(list)
        self.edits: list[int] = []

    def add(self, **values: Any) -> None:
        """Add a document's row."""
        for name, value in values.items():
            self.columns[name].append(self.tables[name][value] if name in self.tables else value)


class Gatherer:
    """Reads a run document by document: `parts` yields what the page shows of them; `facts` and `index` grow."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.facts, self.index = Facts(), Index()
        self._heap: list[tuple[tuple[int, float, int, int], Removal]] = []
        self._edit_count = 0

    def parts(self) -> Iterator[list[dict[str, Any]]]:
        """Yield what the page shows of the documents, `PART` at a time. Raises InputError where this is no run."""
        part: list[dict[str, Any]] = []
        for report, clean in documents(self._folder):
            part.append(self._document(report, clean, len(self.index.columns["id"]) + 1))
            if len(part) == PART:
                yield part
                part = []
        if part:
            yield part
        self._finish()

    def _finish(self) -> None:
        facts = self.facts
        facts.manifest = hashlib.sha256((self._folder / MANIFEST).read_bytes()).hexdigest()
        for row in summary_rows((self._folder / SUMMARY).read_bytes()) if (self._folder / SUMMARY).exists() else ():
            facts.statuses[row["status"]] += 1
            facts.lines_taken += int(row.get("lines_removed") or 0)
            if row["status"] == "failed":
                facts.failed.append((plain(row["id"]), plain(row["error"])))
            elif row["status"] == "unchanged":
                facts.untouched.append(plain(row["id"]))
            elif row["status"] in ("skipped", "dropped"):
                facts.passed.append((plain(row["id"]), plain(row["error"])))
        if (self._folder / RUN).exists():
            facts.account = loads((self._folder / RUN).read_bytes())
        facts.riskiest = [removal for _, removal in sorted(self._heap, key=lambda r: r[0], reverse=True)]

    def _document(self, report: Report, clean: str, number: int) -> dict[str, Any]:
        data, facts = report.data, self.facts
        facts.run = facts.run or data["run"]
        facts.runs.add(data["run"]["config_sha256"])
        redacted = any(e["del"] is None for e in data["edits"])
        text = clean if redacted else report.restore_text(clean)
        facts.redacted += redacted
        self._count(data)
        shown = _Shown(data, text, redacted, self.index, facts.rules)
        site = site_of(data)
        told = data["provenance"]
        engine = told["engine"] or ""
        # A translation that names neither machine nor person.
        method = "translated" if told["method"] == "unknown" and told.get("translated") else told["method"]
        applied = [e for e in data["edits"] if e["state"] == "applied"]
        taken = sum(e["src"][1] - e["src"][0] for e in applied)
        share = 100 * taken / max(1, data["text"]["codepoints"])
        facts.sites[site] += taken
        facts.shares.append(Outlier(share, f"d{number}", report.id))
        language = (data["language"] or {}).get("lang", "und")
        facts.languages[language] += 1
        for edit in applied:
            facts.rules_by_site[site].update(_once(edit["rules"]))
        if method != "unknown":
            source = told["source_language"] or "not stated"
            facts.translations[method, engine or "not stated", source, language, told["basis"] or "none"] += 1
            facts.engines[site][engine or "not stated"] += 1
        self.index.add(
            id=report.id,
            url=data["source"].get("url", ""),
            site=site,
            language=language,
            tag=data["output"]["lang"],
            translation=method,
            engine=engine,
            basis=told["basis"] or "none",
            size=data["text"]["codepoints"],
            taken=taken,
            risk=min((RISKS.index(e["risk"]) for e in applied), default=2),
            count=len(data["edits"]),
        )
        for n, edit in enumerate(data["edits"], 1):
            self.index.edits.append(self._kind(edit))
            if edit["state"] == "applied":
                self._consider(data, edit, text, f"d{number}e{n}", redacted)
        return shown.payload()

    def _kind(self, edit: Mapping[str, Any]) -> int:
        rules = tuple(self.index.rules[ref] for ref in _once(edit["rules"]))
        category = self.index.tables["category"][edit["category"]]
        return self.index.kinds[
            (rules, category, edit["confidence"], RISKS.index(edit["risk"]), edit["state"], edit["op"])
        ]

    def _count(self, data: Mapping[str, Any]) -> None:
        facts = self.facts
        facts.code_points += data["text"]["codepoints"]
        seen: set[str] = set()
        for ref, told in data["rules"].items():
            known = facts.rules.setdefault(ref, RuleFacts(**told))
            known.varies |= known.why != told["why"]
        for edit in data["edits"]:
            size = edit["src"][1] - edit["src"][0]
            if len(set(edit["rules"])) == 1 and "why" in edit:
                facts.rules[edit["rules"][0]].varies = True
            if edit["state"] != "applied":
                continue
            facts.edits += 1
            facts.taken += size
            facts.replaced += edit["op"] != "delete"
            facts.categories[edit["category"]] += 1
            facts.risks[edit["risk"]] += 1
            for ref in _once(edit["rules"]):
                rule = facts.rules[ref]
                rule.hits += 1
                rule.code_points += size
                rule.documents += ref not in seen
                seen.add(ref)
        for segment in data["segments"]:
            facts.line_languages[segment["lang"]] += 1
        for finding in data["findings"]:
            facts.rules[finding["rule"]].marks += 1
            facts.rules[finding["rule"]].varies |= "why" in finding
            if finding["category"] == "embedded":
                left = any(finding["id"] in e.get("findings", ()) and e["state"] == "applied" for e in data["edits"])
                facts.embedded[finding["rule"].partition("@")[0], "changed" if left else "kept"] += 1
        facts.inverses[data["inverse"]["status"], data["inverse"]["restores"]] += 1
        facts.forms[data["output"]["unicode_form"]] += 1
        facts.warnings.update((w["code"], w["message"]) for w in data["warnings"])
        self._count_decoding(data)
        for entry in data.get("history", ()):
            for change in entry["changes"]:
                facts.reviews[entry["reviewer"], entry["when"], change["verdict"]] += 1

    def _count_decoding(self, data: Mapping[str, Any]) -> None:
        decoding, facts = data["decoding"], self.facts
        if not decoding:
            facts.codecs["none: a text was given", ""] += 1
            return
        facts.codecs[decoding["codec"], decoding["basis"]] += 1
        if decoding["exceptions"]:
            facts.doubtful_bytes.append((data["id"], sum(len(e["hex"]) // 2 for e in decoding["exceptions"])))
        if decoding["bom"]:
            facts.bytes_marks[decoding["bom"]] += 1
        facts.line_ends.update({k: n for k, n in decoding["newlines"].items() if n})

    def _consider(
        self, data: Mapping[str, Any], edit: Mapping[str, Any], text: str, place: str, redacted: bool
    ) -> None:
        """Keep the removal where it is among the riskiest so far: least sure first, then longest, then first."""
        size = edit["src"][1] - edit["src"][0]
        self._edit_count += 1
        rank = (-RISKS.index(edit["risk"]), -edit["confidence"], size, -self._edit_count)
        if len(self._heap) == RISKIEST and rank <= self._heap[0][0]:
            return
        start, end = edit["out"] if redacted else edit["src"]
        taken = f"⟨{size} code points withheld⟩" if redacted else edit["del"]
        removal = Removal(
            place=place,
            document=data["id"],
            risk=edit["risk"],
            confidence=edit["confidence"],
            category=edit["category"],
            rules=tuple(_once(edit["rules"])),
            why=edit.get("why") or "; ".join(_once(data["rules"][r]["why"] for r in edit["rules"])),
            before=_line_before(text, start),
            taken=taken if len(taken) <= 600 else f"{taken[:400]}⟨{len(taken) - 500} code points more⟩{taken[-100:]}",
            put=edit["ins"][:600],
            after=_line_after(text, end),
            language=next((s["lang"] for s in data["segments"] if s["src"][1] > edit["src"][0]), "und"),
            lines=(edit["src_lines"][0], edit["src_lines"][1]),
        )
        entry = (rank, removal)
        if len(self._heap) < RISKIEST:
            heapq.heappush(self._heap, entry)
        else:
            heapq.heapreplace(self._heap, entry)


class _Shown:
    """What the page shows of one document: stretches of its text, edits, findings, provenance, decoding."""

    def __init__(
        self, data: Mapping[str, Any], text: str, redacted: bool, index: Index, rules: Mapping[str, RuleFacts]
    ) -> None:
        self._data, self._text, self._redacted, self._index, self._rules = data, text, redacted, index, rules
        self._side = "out" if redacted else "src"
        self._lines = line_spans(text)
        self._line_starts = [line.start for line in self._lines]
        self._languages: dict[int, tuple[int, int]] = {}  # of lines, by their place: number of the tag, percent sure
        for segment in data["segments"]:
            if segment[self._side]:
                n = bisect_right(self._line_starts, segment[self._side][0]) - 1
                self._languages.setdefault(n, (index.marks[segment["lang"]], round(100 * segment["confidence"])))

    def payload(self) -> dict[str, Any]:
        data = self._data
        found = {f["id"]: n for n, f in enumerate(data["findings"])}
        stretches = self._stretches()
        payload: dict[str, Any] = {
            "r": data["report_id"],
            "w": [self._place(a, b) for a, b in stretches],
            "t": [self._text[a:b] for a, b in stretches],
            "e": [_trimmed(self._edit(e, found)) for e in data["edits"]],
            "f": [_trimmed(self._finding(f)) for f in data["findings"]],
            "i": f"{data['inverse']['status']}: {data['inverse']['restores']}",
        }
        told = {k: v for k, v in data["provenance"].items() if v not in (None, [], {}, "")}
        if told["method"] != "unknown" or "evidence" in told or "hints" in told:
            payload["p"] = told
        if "captured" in data["source"]:
            payload["k"] = f"{data['source']['captured']} ({data['source']['captured_basis']})"
        if data["decoding"]:
            payload["c"] = _decoded(data["decoding"])
        if self._redacted:
            payload["x"] = 1
        if data.get("history"):
            payload["y"] = data["history"]
        if data["warnings"]:
            payload["n"] = [f"{w['code']}: {w['message']}" for w in data["warnings"]]
        return payload

    def _edit(self, edit: Mapping[str, Any], found: Mapping[str, int]) -> list[Any]:
        start, end = edit["src"]
        told = [found[f] for f in edit.get("findings", ()) if f in found]
        at = list(edit["out"]) if self._redacted else 0
        why = edit.get("why") or "; ".join(_once(filter(None, map(self._own_why, edit["rules"]))))
        first, last = edit["src_lines"]
        return [start, end, edit["ins"], why, told, at, last - first + 1 if last > first else 0]

    def _own_why(self, ref: str) -> str:
        """Return the reason this report gives for the rule *ref* where it is not the one the page tells of it."""
        why: str = self._data["rules"][ref]["why"]
        return "" if why == self._rules[ref].why else why

    def _finding(self, finding: Mapping[str, Any]) -> list[Any]:
        start, end = finding["src"]
        quote = finding.get("quote", "")
        place = finding.get("place", "")
        if not self._redacted and not place and quote == self._text[start:end]:
            quote = ""  # it stands in the text
        rule = self._index.rules[finding["rule"]]
        why = finding.get("why") or self._own_why(finding["rule"])
        words = [finding["category"], finding["confidence"], quote, place, why]
        return [start, end, rule, *words, finding.get("claims", {})]

    def _stretches(self) -> list[tuple[int, int]]:
        """Return the stretches of the text to show: all of it, or of a long one its opening and what was touched."""
        size = len(self._text)
        if size <= WHOLE:
            return [(0, size)]
        around = [(0, min(size, OPENING))]
        for row in (*self._data["edits"], *(f for f in self._data["findings"] if not self._redacted)):
            a, b = row.get(self._side, row["src"])
            pairs = (
                [(a - AROUND, b + AROUND)]
                if b - a < 4 * AROUND
                else [(a - AROUND, a + AROUND), (b - AROUND, b + AROUND)]
            )
            around += [(max(0, x), min(size, y)) for x, y in pairs]
        joined: list[tuple[int, int]] = []
        for a, b in sorted(around):
            if joined and a <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(b, joined[-1][1]))
            elif sum(y - x for x, y in joined) < WHOLE:
                joined.append((a, b))
        return joined

    def _place(self, start: int, end: int) -> list[Any]:
        """Return the number of a stretch's first line, its start, and of its lines: how many, which tag, how sure."""
        lines = self._lines
        first = max(0, bisect_right(self._line_starts, start) - 1)
        runs: list[Any] = []
        for n in range(first, len(lines)):
            if lines[n].start >= end:
                break
            language, sureness = self._languages.get(n, (-1, 0))
            if runs and runs[-2:] == [language, sureness]:
                runs[-3] += 1
            else:
                runs += [1, language, sureness]
        return [first + 1, start, runs]


def _decoded(decoding: Mapping[str, Any]) -> str:
    doubtful = sum(len(e["hex"]) // 2 for e in decoding["exceptions"])
    ends = ", ".join(f"{n} {name}" for name, n in decoding["newlines"].items() if n)
    parts = [f"{decoding['codec']} ({decoding['basis']}: {decoding.get('why', '')})"]
    parts += [f"byte-order mark {decoding['bom']}"] if decoding["bom"] else []
    parts += [f"line ends: {ends}"] if ends else []
    parts += [f"{doubtful} bytes kept aside, which decoding would not give back"] if doubtful else []
    return "; ".join(parts)


def _once(values: Iterable[str]) -> list[str]:
    """Return *values* in their order, each once."""
    return list(dict.fromkeys(values))


def _trimmed(row: list[Any]) -> list[Any]:
    """Return *row* without the empty values at its end."""
    while row and not row[-1]:
        row = row[:-1]
    return row


def _line_before(text: str, start: int) -> str:
    found = text[max(0, start - 200) : start].rstrip("\r\n")
    return re.split(r"[\r\n]", found)[-1]


def _line_after(text: str, end: int) -> str:
    found = text[end : end + 200].lstrip("\r\n")
    return re.split(r"[\r\n]", found)[0]


def site_of(data: Mapping[str, Any]) -> str:
    """Return the host of a report's address; of a document without one, what says so."""
    try:
        host = urlsplit(data["source"].get("url", "")).hostname
    except ValueError:
        host = None
    return (host or NO_SITE)[:253]


def is_tag(language: str) -> bool:
    """Tell whether *language* may stand in a `lang` attribute."""
    return _TAG.fullmatch(language) is not None


def summary_rows(data: bytes) -> Iterator[dict[str, str]]:
    """Yield the rows of a run's summary as they stand, "" for what a row lacks."""
    limit = csv.field_size_limit(2**31 - 1)
    try:
        yield from csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), restval="", restkey="")
    finally:
        csv.field_size_limit(limit)


def plain(value: str) -> str:
    """Return a value of the summary without the apostrophe that keeps spreadsheets from running it as a formula.

    >>> plain("'=1+1"), plain("'tis")
    ('=1+1', "'tis")
    """
    return value[1:] if value[:1] == "'" and value[1:2] in ("=", "+", "-", "@", "\t", "\r") else value
