"""A run as one page to look at, search and review: it needs no network, no server, and no script to be read."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

from siglum.audit.elements import Html, el, join
from siglum.audit.facts import NO_SITE, PART, Facts, Gatherer, Index, Removal, is_tag
from siglum.audit.plots import Bar, bars, binned, fence_of, histogram, matrix
from siglum.report import dumps
from siglum.writers.files import write_whole

MOST_DOCUMENTS = 10_000  # in one file
MOST_DATA = 11_500_000  # bytes of its data, packed
LISTED = 200  # documents named in a table of the page; the summary of the run has all
TOP = 12  # rows of a plot

# Base 85 packs a sixteenth tighter than base 64; the signs of it that mean something in HTML or a string are exchanged.
_HARMLESS = bytes.maketrans(b"<>&`", b",.[]")

_PART = b"siglumPart("  # what a file of data begins with

RISK_WORDS = {"review": "wants a look", "low": "low risk", "none": "no risk seen"}
METHOD_WORDS = {
    "machine": "machine translation",
    "machine-postedited": "machine translation, post-edited",
    "human": "human translation",
    "translated": "a translation, by whom is not stated",
    "unknown": "nothing states a translation",
}


def write_report(folder: Path, out: Path, *, force: bool = False) -> list[Path]:
    """Write the page of the run at *folder* to *out* and return the files written, the page last.

    Above `MOST_DOCUMENTS` documents or `MOST_DATA` bytes the texts stand beside the page, in the folder
    `<name>.data`. Raises InputError where *folder* is no run, or a file exists and *force* is not given; ReportMismatch
    where a report and its text do not fit.
    """
    gatherer = Gatherer(folder)
    data_folder = out.with_name(f"{out.stem}.data")
    parts: list[str] = []
    written: list[Path] = []
    size = 0
    for part in gatherer.parts():
        parts.append(_packed(dumps(columns_of(part))))
        size += len(parts[-1])
        # Too much for one file: what was kept so far goes beside the page, and all that follows.
        if written or size > MOST_DATA or len(gatherer.index.columns["id"]) > MOST_DOCUMENTS:
            for text in parts:
                written.append(data_folder / f"{len(written):05}.js")
                write_whole(written[-1], _PART + f'{len(written) - 1},"{text}");\n'.encode(), force=force)
            parts = []
    beside = data_folder.name if written else ""
    page = render(gatherer.facts, gatherer.index, parts, beside=beside, part_count=len(written) or len(parts))
    write_whole(out, page, force=force)
    _forget(data_folder, written)
    return [*written, out]


def _forget(folder: Path, kept: Sequence[Path]) -> None:
    """Take away the parts of an earlier page from *folder*, and the folder once nothing is left in it."""
    for path in folder.glob("[0-9]*.js"):
        if path not in kept and path.read_bytes()[: len(_PART)] == _PART:
            path.unlink()
    with suppress(OSError):  # it is not there, or others keep things in it
        folder.rmdir()


def render(facts: Facts, index: Index, parts: Sequence[str], *, beside: str = "", part_count: int = 0) -> bytes:
    """Return the page: *parts* are packed data, or stand in the folder *beside* as *part_count* files."""
    style, script = _asset("report.css"), _asset("report.js")
    # Files beside the page have no digest the policy could name: a page may read them as its own, or not at all.
    sources = f"'{_digest(script)}'" + (" 'self' file:" if beside else "")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src {sources}; base-uri 'none'; form-action 'none'"
    )
    rules = _rules_told(facts)
    told = _index_data(facts, index, rules, beside, part_count)
    head = join(
        Html('<meta charset="utf-8">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<meta name="color-scheme" content="light dark">'),
        Html('<meta name="referrer" content="no-referrer">'),
        el("title", f"What was taken: {_counted(facts.documents, 'document')}"),
        Html(f"<style>{style}</style>"),
    )
    islands = [_island("data-index", _packed(dumps(told)))] + [_island(f"data-{n}", p) for n, p in enumerate(parts)]
    body = join(
        Html('<a class="skip" href="#main">Skip to the account</a>'),
        _header(facts),
        el(
            "main",
            _overview(facts),
            _queue(facts),
            _documents_view(),
            _rules_view(facts, rules, index),
            _account(facts),
            id="main",
        ),
        Html("<footer>The reports of the run are the account; this page only shows it.</footer>"),
        *islands,
        Html(f"<script>{script}</script>"),
    )
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>{body}</body></html>\n'.encode()


def columns_of(part: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return *part* with like beside like, which packs better: a list for each name, as long as its last value."""
    out: dict[str, list[Any]] = {}
    for n, document in enumerate(part):
        for name, value in document.items():
            column = out.setdefault(name, [])
            column += [0] * (n - len(column)) + [value]
    return out


def _asset(name: str) -> str:
    return files("siglum.audit").joinpath("assets", name).read_text("utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _packed(data: bytes) -> str:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)  # gzip without a name or a time
    return base64.b85encode(packer.compress(data) + packer.flush()).translate(_HARMLESS).decode()


def _island(id: str, packed: str) -> Html:
    return Html(f'<script type="application/gzip" id="{id}">{packed}</script>\n')


def _index_data(
    facts: Facts, index: Index, rules: Mapping[str, Mapping[str, Any]], beside: str, part_count: int
) -> dict[str, Any]:
    run = facts.run
    return {
        "manifest": facts.manifest,
        "tool": f"{run['tool']['name']} {run['tool']['version']}" if run else "",
        "packs": [f"{p['id']} {p['version']}, sha256 {p['sha256']}" for p in run.get("rulepacks", ())],
        "rules": [{"ref": ref, **rules[ref]} for ref in index.rules.rows()],
        "tables": {name: table.rows() for name, table in index.tables.items()},
        "marks": index.marks.rows(),
        "kinds": index.kinds.rows(),
        "columns": index.columns,
        "edits": index.edits,
        "part": PART,
        "parts": part_count,
        "beside": beside,
    }


# What is known of a rule


def _rules_told(facts: Facts) -> dict[str, dict[str, Any]]:
    """Return for each rule met what the reports say of it and, where the packs at hand are the run's, its text."""
    texts = _rule_texts(facts) if _packs_at_hand(facts) else {}
    out = {}
    for ref, rule in facts.rules.items():
        told: dict[str, Any] = {
            "label": rule.label,
            "why": rule.why,
            "confidence": rule.confidence,
            "hits": rule.hits,
            "marks": rule.marks,
            "documents": rule.documents,
            "taken": rule.code_points,
            "varies": rule.varies,
        }
        out[ref] = {**told, **texts.get(ref.partition("@")[0], {})}
    return out


def _packs_at_hand(facts: Facts) -> bool:
    from siglum.packs.store import digest

    return any(p["id"] == "siglum" and p["sha256"] == digest() for p in facts.run.get("rulepacks", ()))


def _rule_texts(facts: Facts) -> dict[str, dict[str, Any]]:
    """Return where the shipped rules that fired are written down and what their examples are, by pack and id."""
    from siglum.packs.load import read_pack
    from siglum.packs.rule import Rule
    from siglum.packs.store import rules_dir

    texts = {}
    folder = rules_dir()
    for pack in sorted({ref.partition("@")[0].rpartition("/")[0] for ref in facts.rules}):
        path = folder / f"{pack}.toml"
        if not pack or not path.is_file():
            continue
        for rule in read_pack(path, f"{pack}.toml"):
            if isinstance(rule, Rule):
                examples = {
                    "match": [e.text or e.url or e.html for e in rule.match[:6]],
                    "miss": [e.text or e.url or e.html for e in rule.miss[:6]],
                }
                texts[f"{rule.pack}/{rule.id}"] = {"where": f"rules/{rule.path}, line {rule.line}", **examples}
    return texts


def _never_fired(facts: Facts) -> list[str]:
    from siglum.cleaners.rules import shipped

    met = {ref.partition("@")[0] for ref, rule in facts.rules.items() if rule.hits or rule.marks}
    return sorted({f"{rule.pack}/{rule.id}" for rule in shipped().rules} - met)


# The parts of the page


def _header(facts: Facts) -> Html:
    nav = [
        ("overview", "Overview"),
        ("queue", "Review queue"),
        ("documents", "Documents"),
        ("rules", "Rules"),
        ("account", "Account"),
    ]
    links = [el("a", name, href=f"#{id}", class_="needs-script" if id == "documents" else "") for id, name in nav]
    tool = f"{facts.run['tool']['name']} {facts.run['tool']['version']}" if facts.run else "siglum"
    return el(
        "header",
        el("h1", tool, el("span", ": account of a run", class_="unseen"), class_="tool"),
        el("nav", *links, aria_label="Parts of this page"),
        el("div", id="review-bar", hidden=True),
        class_="top",
    )


def _overview(facts: Facts) -> Html:
    return el(
        "section",
        el("h2", _sentence(facts), class_="headline"),
        el("p", _second_sentence(facts), class_="lead"),
        _tiles(facts),
        _wants_a_look(facts),
        el("div", *_plots(facts), class_="plots"),
        _translations(facts),
        id="overview",
    )


def _sentence(facts: Facts) -> str:
    read, cleaned = facts.documents, facts.statuses["cleaned"]
    if not read:
        return "This run read no document."
    share = _percent(facts.taken, facts.code_points)
    taken = (
        f"{share} of the text was taken, by {_counted(sum(1 for r in facts.rules.values() if r.hits), 'rule')}"
        if facts.edits
        else "nothing was taken"
    )
    return f"{_counted(read, 'document')} read, {cleaned:,} cleaned: {taken}."


def _second_sentence(facts: Facts) -> str:
    """Return the translations with their engines, the languages, and what stayed out, in words."""
    stated: Counter[str] = Counter()
    for (method, engine, *_), n in facts.translations.items():
        stated[f"{METHOD_WORDS.get(method, method)}, engine {engine}"] += n
    told = "; ".join(f"{what} ({n:,})" for what, n in _most(stated)[:4]) or "none is stated"
    languages = ", ".join(f"{tag} ({n:,})" for tag, n in _most(facts.languages)[:8]) or "none"
    apart = f"{facts.statuses['failed']:,} failed, {facts.statuses['unchanged']:,} left untouched."
    return f"Translations: {told}. Languages of documents: {languages}. {apart}"


def _tiles(facts: Facts) -> Html:
    translated = sum(facts.translations.values())
    review = facts.risks["review"]
    failed = facts.statuses["failed"]
    lines = f", in {_counted(facts.lines_taken, 'line')}" if facts.lines_taken else ""
    verified = sum(n for (status, _), n in facts.inverses.items() if status == "verified")
    tiles = [
        (f"{facts.taken:,}", f"code points taken of {facts.code_points:,}{lines}", ""),
        (f"{facts.edits:,}", f"removals and changes; {facts.replaced:,} put or reword something", ""),
        (f"{review:,}", "removals want a look", "alert" if review else ""),
        (f"{translated:,}", "documents state a translation", ""),
        (f"{verified:,}", "documents come back exactly: tried, not promised", ""),
        (f"{failed:,}", f"failed; {facts.statuses['unchanged']:,} left untouched", "alert" if failed else ""),
    ]
    return el(
        "dl",
        *(el("div", el("dt", name), el("dd", value), class_=f"tile {c}".strip()) for value, name, c in tiles),
        class_="tiles",
    )


def _wants_a_look(facts: Facts) -> Html:
    """Return the head of the queue, and the documents that lost most."""
    head = [r for r in facts.riskiest if r.risk != "none"][:5]
    rows = []
    for r in head:
        gone = el("span", _one_line(r.taken, 70), class_="gone", dir="auto", **_language(r.language))
        told = el("span", f"{r.category}, confidence {r.confidence:.2f}, {r.document}", class_="quiet")
        rows.append(el("li", el("a", gone, href=f"#{r.place}"), told))
    lost = [
        el("li", el("a", _short(o.id, 60), href=f"#{o.place}"), el("span", f"{o.share:.1f} % taken", class_="quiet"))
        for o in sorted(facts.shares, key=lambda o: -o.share)[:5]
        if o.share > 0
    ]
    left = el(
        "div", el("h3", "Least sure"), el("ol", *rows) if rows else el("p", "Every removal is sure: none wants a look.")
    )
    right = el("div", el("h3", "Lost most"), el("ol", *lost) if lost else el("p", "No document lost anything."))
    return el("div", left, right, class_="looks")


def _plots(facts: Facts) -> Iterator[Html]:
    fired = sorted(((r.hits, ref) for ref, r in facts.rules.items() if r.hits), key=lambda x: (-x[0], x[1]))
    rows = [Bar(ref.partition("@")[0], hits) for hits, ref in fired]
    yield _figure("Removals by rule", rows, "Rule", "removals")
    categories = [Bar(name, n) for name, n in _most(facts.categories)]
    yield _figure("Removals by category", categories, "Category", "removals")
    named = len(facts.sites) > 1 or NO_SITE not in facts.sites
    sites = [Bar(site, n) for site, n in _most(facts.sites) if n and named]
    yield _figure("Code points taken by site", sites, "Site", "code points")
    if len(facts.rules_by_site) > 1:
        by_site = {
            site: Counter({ref.rpartition("@")[0]: n for ref, n in found.items()})
            for site, found in facts.rules_by_site.items()
        }
        yield _crossed("Removals by site and rule", by_site, "site, rule", "removals")
    yield _figure("Languages of documents", [Bar(tag, n) for tag, n in _most(facts.languages)], "Tag", "documents")
    yield _figure("Languages of lines", [Bar(tag, n) for tag, n in _most(facts.line_languages)], "Tag", "lines")
    yield _shares(facts)
    if facts.engines:
        yield _crossed("Engines by site", facts.engines, "site, engine", "documents")


def _shares(facts: Facts) -> Html:
    shares = [o.share for o in facts.shares]
    counts, fence = binned(shares), fence_of(shares)
    apart = 0 if fence is None else sum(share > fence for share in shares)
    told = "Heights grow with the square root of the count, so that single documents are seen."
    if apart:
        told += (
            f" {_counted(apart, 'document')} beyond the line, where more than {fence:.1f} % was taken: unlike the rest."
        )
    return _framed(
        "Share taken of each document",
        histogram("Share taken of each document", counts, fence if apart else None),
        [("percent", "documents"), *((name, f"{n:,}") for name, n in counts if n)],
        told,
    )


def _figure(title: str, rows: Sequence[Bar], first: str, unit: str) -> Html:
    # A rule or path is known by its end; the table has the whole name.
    plot = bars(f"{title}, {unit}", [r._replace(name=r.name.rpartition("/")[2] or r.name) for r in rows[:TOP]])
    if not rows:
        told = "No document names its address." if first == "Site" else "Nothing to show."
        return _framed(title, "", [(first, unit)], told)
    told = f"The {TOP} highest of {len(rows):,}; the table has {min(len(rows), LISTED)}." if len(rows) > TOP else ""
    return _framed(title, plot, [(first, unit), *((r.name, f"{r.value:,.0f}") for r in rows[:LISTED])], told)


def _crossed(title: str, by_site: Mapping[str, Counter[str]], first: str, unit: str) -> Html:
    """Return a figure of what there is of each kind on each site."""
    sizes = {site: sum(found.values()) for site, found in by_site.items()}
    rows = [s for s, n in sorted(sizes.items(), key=lambda x: (-x[1], x[0])) if n][:TOP]
    total: Counter[str] = Counter()
    for counter in by_site.values():
        total.update(counter)
    columns = [name for name, _ in _most(total)][:6]
    counts = {(site, name): by_site[site][name] for site in rows for name in columns}
    cells = [(first, unit), *((f"{s}, {e}", f"{n:,}") for (s, e), n in counts.items() if n)]
    told = f"The {len(columns)} commonest of {len(total)}." if len(total) > len(columns) else ""
    return _framed(title, matrix(f"{title}, {unit}", rows, columns, counts), cells, told)


def _framed(title: str, plot: str, rows: Sequence[tuple[str, str]], note: str = "") -> Html:
    """Return a figure with its numbers in a table below; *rows* begin with the names of the columns."""
    (first, second), *rest = rows
    if not rest:
        return el("figure", el("figcaption", el("h3", title)), el("p", note or "Nothing to show.", class_="quiet"))
    numbers = _table([first, second], rest, title, numeric=(1,))
    inside = [
        Html(plot),
        el("p", note, class_="quiet") if note else Html(""),
        el("details", el("summary", "As a table"), numbers),
    ]
    return el("figure", el("figcaption", el("h3", title)), *inside)


def _translations(facts: Facts) -> Html:
    if not facts.translations:
        return join(
            el("h3", "Translations"),
            el("p", "Nothing on these pages states a translation. That is no proof that none is one."),
        )
    rows = [
        (METHOD_WORDS.get(method, method), engine, source, target, basis, f"{n:,}")
        for (method, engine, source, target, basis), n in _most(facts.translations)
    ][:LISTED]
    names = ["What the pages state", "Engine", "From", "Into", "How the source language is known", "Documents"]
    table = _table(names, rows[:TOP], "Translations stated", numeric=(5,))
    more = Html("")
    if rest := rows[TOP:]:
        summary = el("summary", f"{len(rest)} more pairs of languages and engines")
        more = el("details", summary, _table(names, rest, "More translations stated", numeric=(5,)))
    return join(el("h3", "Translations"), table, more)


def _queue(facts: Facts) -> Html:
    applied = facts.edits
    told = (
        f"The {len(facts.riskiest)} riskiest of {_counted(applied, 'removal')}, least sure first."
        if applied
        else "Nothing was taken."
    )
    return el(
        "section",
        el("h2", "Review queue"),
        el("p", told, class_="quiet static"),
        el("ol", *map(_removal, facts.riskiest), class_="removals static"),
        el("div", id="queue-app"),
        id="queue",
    )


def _removal(r: Removal) -> Html:
    language = _language(r.language)
    lines = f"line {r.lines[0]}" if r.lines[0] == r.lines[1] else f"lines {r.lines[0]} to {r.lines[1]}"
    text = join(
        el("span", r.before, class_="context", dir="auto") if r.before.strip() else Html(""),
        el("del", _drawn(r.taken), dir="auto", **language) if r.taken else Html(""),
        el("ins", _drawn(r.put), dir="auto") if r.put else Html(""),
        el("span", r.after, class_="context", dir="auto") if r.after.strip() else Html(""),
    )
    word = "replaced" if r.put and r.taken else "added" if r.put else "taken"
    return el(
        "li",
        el(
            "p",
            el("strong", f"{word}: {r.category}", class_="label"),
            f" {RISK_WORDS[r.risk]}, confidence {r.confidence:.2f}",
            class_="meta",
        ),
        el("div", text, class_="text"),
        el("p", r.why),
        el("p", f"{r.document}, {lines}; {', '.join(r.rules)}", class_="quiet"),
        id=f"top-{r.place}",
        class_=f"removal risk-{r.risk}",
    )


def _drawn(text: str) -> str:
    """Return *text*; one that is all white space with signs for it, so that there is something to see."""
    if text.strip():
        return text
    return text.replace("\r\n", "↵").replace("\n", "↵").replace("\t", "→").replace(" ", "·").replace("\xa0", "⍽")


def _documents_view() -> Html:
    return el("section", el("h2", "Documents"), el("div", id="documents-app"), id="documents", hidden=True)


def _rules_view(facts: Facts, rules: Mapping[str, Mapping[str, Any]], index: Index) -> Html:
    def cell(ref: str) -> Html:
        told = rules[ref]
        examples = [el("p", "takes: ", el("q", e, dir="auto")) for e in told.get("match", ())]
        examples += [el("p", "leaves: ", el("q", e, dir="auto")) for e in told.get("miss", ())]
        where = el("p", told["where"], class_="quiet") if "where" in told else Html("")
        more = (
            el("details", el("summary", "Where it is written, and its examples"), where, *examples)
            if examples
            else Html("")
        )
        why = f"Its reason is told place by place; for example: {told['why']}" if told["varies"] else told["why"]
        return join(el("code", ref, id=f"rule-{index.rules[ref]}"), el("p", why), more)

    fired = sorted(rules, key=lambda ref: (-rules[ref]["hits"], -rules[ref]["marks"], ref))
    rows = [
        (
            cell(ref),
            r["label"],
            f"{r['confidence']:.2f}",
            f"{r['hits']:,}",
            f"{r['marks']:,}",
            f"{r['documents']:,}",
            f"{r['taken']:,}",
        )
        for ref in fired
        for r in [rules[ref]]
    ]
    names = ["Rule", "Label", "Confidence", "Removals", "Marks", "Documents", "Code points taken"]
    silent = Html("")
    if _packs_at_hand(facts) and (never := _never_fired(facts)):
        summary = el("summary", f"{_counted(len(never), 'shipped rule')} found nothing in this run")
        silent = el("details", summary, el("p", ", ".join(never), class_="names"))
    table = _table(names, rows, "Rules that took or marked something", numeric=(2, 3, 4, 5, 6), id="rules-table")
    return el("section", el("h2", "Rules"), table, silent, id="rules")


def _account(facts: Facts) -> Html:
    failed = [(id, error) for id, error in facts.failed[:LISTED]]
    parts = [
        el("h2", "Account"),
        el("h3", "Failed"),
        _table(["Document", "Why"], failed, "Documents that failed") if failed else el("p", "No document failed."),
        _more(len(facts.failed)),
        el("h3", "Left untouched"),
        _names(facts.untouched, "In every document something was taken."),
        *_passed(facts),
        el("h3", "Can it be had back"),
        _table(["Inverse", "What comes back", "Documents"], _counts(facts.inverses), "Inverses", numeric=(2,)),
        el("h3", "How bytes were read"),
        _table(["Encoding", "Why", "Documents"], _counts(facts.codecs), "Encodings", numeric=(2,)),
        *_bytes_told(facts),
        el("h3", "Marks hidden in the text"),
        _table(["Mark", "What became of it", "Findings"], _counts(facts.embedded), "Embedded marks", numeric=(2,))
        if facts.embedded
        else el("p", "No embedded credentials, watermarks or hidden characters were found."),
        el("h3", "Reviewed"),
        _table(["Who", "When", "Verdict", "Edits"], _counts(facts.reviews), "Reviews", numeric=(3,))
        if facts.reviews
        else el("p", "No review is recorded in this run."),
        _warnings(facts),
        el("h3", "The run"),
        _run_told(facts),
    ]
    return el("section", *parts, id="account")


def _passed(facts: Facts) -> Iterator[Html]:
    if facts.passed:
        yield el("h3", "Passed over")
        yield _table(["What", "Why"], facts.passed[:LISTED], "No documents, and duplicates that were dropped")
        yield _more(len(facts.passed))


def _bytes_told(facts: Facts) -> Iterator[Html]:
    ends = ", ".join(f"{n:,} {name}" for name, n in _most(facts.line_ends)) or "none"
    yield el(
        "p",
        f"Line ends in the sources: {ends}. Line ends, byte-order marks and the bytes below come back with a source.",
    )
    if facts.bytes_marks:
        yield el(
            "p",
            "Byte-order marks: "
            + ", ".join(f"{bom} in {_counted(n, 'document')}" for bom, n in _most(facts.bytes_marks)),
        )
    yield el("p", "Unicode form of the clean texts: " + ", ".join(f"{form} ({n:,})" for form, n in _most(facts.forms)))
    if facts.doubtful_bytes:
        rows = [(id, f"{n:,}") for id, n in facts.doubtful_bytes[:LISTED]]
        yield _table(["Document", "Bytes kept aside"], rows, "Bytes that decoding would not give back", numeric=(1,))


def _warnings(facts: Facts) -> Html:
    if not facts.warnings:
        return Html("")
    return join(
        el("h3", "Warnings"), _table(["Code", "What", "Documents"], _counts(facts.warnings), "Warnings", numeric=(2,))
    )


def _run_told(facts: Facts) -> Html:
    account = {name: facts.account[name] for name in ("command", "input") if name in facts.account}
    rows = [*_flat(account), *_flat(facts.run)]
    rows.append(("manifest, sha256", facts.manifest))
    if len(facts.runs) > 1:
        rows.append(("configurations", f"{len(facts.runs)} met in this folder; the first is shown"))
    if facts.redacted:
        rows.append(("redacted", f"{facts.redacted:,} reports hold digests instead of what was taken"))
    return _table(["What", "Value"], rows, "Tool, configuration, rule packs, environment")


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{name} {key}".strip())
    elif isinstance(value, (list, tuple)) and any(isinstance(v, Mapping) for v in value):
        for n, inner in enumerate(value, 1):
            yield from _flat(inner, f"{name} {n}")
    elif isinstance(value, (list, tuple)):
        yield name, ", ".join(map(str, value)) or "none"
    else:
        yield name, "none" if value in (None, "") else ("no", "yes")[value] if isinstance(value, bool) else str(value)


def _names(ids: Sequence[str], none: str) -> Html:
    if not ids:
        return el("p", none)
    listed = el("ul", *(el("li", id) for id in ids[:LISTED]), class_="names")
    if len(ids) <= 10:
        return listed
    return join(el("details", el("summary", _counted(len(ids), "document")), listed), _more(len(ids)))


def _more(count: int) -> Html:
    return (
        el("p", f"The first {LISTED} of {count:,}; summary.csv of the run has all.", class_="quiet")
        if count > LISTED
        else Html("")
    )


def _table(
    names: Sequence[str], rows: Iterable[Sequence[str]], caption: str, *, numeric: Sequence[int] = (), id: str = ""
) -> Html:
    head = el(
        "tr", *(el("th", name, scope="col", class_="number" if n in numeric else "") for n, name in enumerate(names))
    )
    body = [
        el(
            "tr",
            *(
                el("td", cell, class_="number" if n in numeric else "", dir=False if n in numeric else "auto")
                for n, cell in enumerate(row)
            ),
        )
        for row in rows
    ]
    # A wide table scrolls by itself, also by keyboard.
    table = el("table", el("caption", caption), el("thead", head), el("tbody", *body), id=id or False)
    return el("div", table, class_="scroll", tabindex="0", role="region", aria_label=caption)


def _counts(counter: Mapping[Any, int]) -> list[tuple[str, ...]]:
    rows = sorted(counter.items(), key=lambda x: (-x[1], x[0]))[:LISTED]
    return [(*map(str, key), f"{n:,}") for key, n in rows]


def _most(counter: Counter[Any]) -> list[tuple[Any, int]]:
    """Return the counts from the highest; equal ones in the order of their names."""
    return sorted(counter.items(), key=lambda x: (-x[1], x[0]))


def _language(tag: str) -> dict[str, str]:
    # An empty value is HTML's word for a language nobody knows.
    return {"lang": "" if tag == "und" or not is_tag(tag) else tag}


def _one_line(text: str, longest: int) -> str:
    return _short(" ".join(text.split()) or _drawn(text), longest)


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}\N{NO-BREAK SPACE}%" if whole else "0\N{NO-BREAK SPACE}%"


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' * (n != 1)}"
