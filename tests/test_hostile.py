"""Every output times every harm: what a page may hold does nothing to those who read of it.

The run is made so that the harm stands wherever page text can get to: ids, addresses, what was taken and put, reasons,
quotes, claims, failures, and a reviewer's name and note.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import lxml.html
import pytest
from lxml import etree

from audited import PARAGRAPH, siglum
from browser.made_run import RUN as MADE_RUN
from siglum.audit.agents import Agent
from siglum.audit.bag import write_bag
from siglum.audit.html import write_report
from siglum.audit.premis import write_premis
from siglum.audit.prov import prov
from siglum.audit.record import AuditedRun
from siglum.audit.review import Decisions, apply_review
from siglum.audit.statement import statement
from siglum.audit.warc import pages, write_warc
from siglum.document import Evidence, Finding
from siglum.edit import Edit, apply
from siglum.language.document import Lines
from siglum.provenance.judge import Provenance
from siglum.report import Account, dumps, loads, report_of, sha256
from siglum.runs.audit import check_run, documents
from siglum.runs.catalogue import Summary, storable
from siglum.runs.folder import Folder
from siglum.runs.work import Product, Wants, risk_of, rules_of, summary_line
from siglum.span import Span

HARMS = {
    "script tag": "</script><script>alert(1)</script><!--",
    "event handler": "\"'><img src=x onerror=alert(1)><svg/onload=alert(1)> ' onmouseover='alert(1)",
    "address that runs": "javascript:alert(1)",
    "template": "${alert(1)}{{constructor.constructor('alert(1)')()}}`",
    "bidi overrides": "abc \u202egnp.exe\u2066\u2067 x\u2069\u200f \u200b\u200d\u2060",
    "combining marks": "e" + "\u0301" * 500_000,  # a megabyte as UTF-8
    "formula": "=cmd|' /C calc'!A0",
    "formula of a sum": "+1+1",
    "formula of a link": '@HYPERLINK("https://evil.example","x")',
    "formula behind a tab": "\t=1+1",
    "forbidden in XML": "NUL \x00, \x0b, \x1f, \x85, \ufffe and \uffff",
    "lone surrogate": "a lone \ud800 and \udfff",
    "markup of XML": "]]><x:y xmlns:x='z'>&amp;&lol;<?php ?><!DOCTYPE x [<!ENTITY lol 'lol'>]>",
    "terminal": "\x1b[2J\x1b]0;owned\x07\x1b[31m\x9b31m\x08\x08\x7f",
    "headers": "x\r\nWARC-Type: response\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    "line separators": "a\u2028b\u2029c\x0bd\x0ce",
    "path": "../../../../etc/passwd",
    "query": "'; DROP TABLE documents; --",
}
PROVENANCE = ("engine", "engine_text", "model", "translator", "date", "version", "original", "asserted_by")

# Controls but tab and line break, bidi controls, zero-width marks, line separators, lone surrogates.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def account_of(harm: str) -> Account:
    """Return the account of a text that is hostile wherever it can be."""
    start = f"{PARAGRAPH}\n"
    source = f"{start}{harm}\n{harm}\n{PARAGRAPH}\n"
    first = Span(len(start), len(start) + len(harm) + 1)
    second = Span(first.end, first.end + len(harm))
    claims = dict.fromkeys(("method", "engine", "translator", "original", "relation"), harm)
    evidence = Evidence("made/rule", "credit", 0.5, claims, harm, harm, harm)
    findings = (Finding(first, evidence, ""), Finding(second, evidence._replace(why=f"{harm} too"), f"x{harm}"))
    edits = (Edit(first, first.of(source), "", (0,)), Edit(second, harm, f"x{harm}", (1,)))
    told = Provenance(method="machine", evidence=findings, counter=findings, hints=findings).to_json()
    return Account(
        id=f"{harm} id",
        source_text=source,
        clean_text=apply(source, edits),
        edits=edits,
        findings=findings,
        languages=Lines([0], [len(PARAGRAPH)], [("en", 1.0, ())]),
        document_language=None,
        provenance={**told, **dict.fromkeys(PROVENANCE, harm)},
        tag="en",
        run=MADE_RUN,
        source={
            "media_type": "text/plain",
            "size": len(source),
            "sha256": sha256(source),
            "url": f"https://example.org/{harm}",
            "captured": harm,
            "captured_basis": harm,
        },
        decoding=None,
        restores="text",
    )


def products(harm: str) -> list[Product]:
    account = account_of(harm)
    report = report_of(account).data
    row = {"id": account.id, "text": account.clean_text, "url": account.source["url"], "removed": {}}
    told = storable(harm)
    summary = Summary(
        id=storable(account.id),
        status="cleaned",
        lines_removed=1,
        code_points_removed=1,
        percent_removed=50.0,
        language="en",
        tag="en",
        method=told,
        engine=told,
        source_language=told,
        basis=told,
        error="",
        site=told,
        source_sha256=report["source"]["sha256"],
        output_sha256=report["output"]["sha256"],
        inverse="verified",
        risk=risk_of(report),
    )
    whole = Product(
        account.id,
        "rows",
        True,
        "",
        b"",
        dumps(row) + b"\n",
        dumps(report),
        summary,
        rules_of(report),
        summary_line(summary),
    )
    id = f"{harm} failed"
    failed = Summary(storable(id), "failed", error=told)
    line = summary_line(failed)
    broken = Product(id, "rows", True, harm, b"", dumps({"id": id, "error": harm}) + b"\n", b"", failed, line=line)
    return [whole, broken]


def made_run(harm: str, folder: Path, *, reviewed: bool = True) -> Path:
    sink = Folder(folder, Wants(row=True, report=True), {"command": {"name": "clean", "inputs": [harm]}, **MADE_RUN})
    for product in products(harm):
        sink.put(product)
    sink.close()
    ((report, _),) = documents(folder)
    row = {"document": report.id, "report_id": report.data["report_id"], "edit": "e2", "verdict": "rejected"}
    told = {
        "decisions_version": "1",
        "reviewer": f"{harm} reviewer",
        "saved": harm,
        "decisions": [{**row, "note": harm}],
    }
    if reviewed:
        apply_review(folder, Decisions.loads(json.dumps(told).encode()))
    return folder


_made: dict[str, Path] = {}


@pytest.fixture
def run(harm, tmp_path_factory) -> Path:
    if harm not in _made:
        _made[harm] = made_run(HARMS[harm], tmp_path_factory.mktemp("hostile") / "run")
    return _made[harm]


def audited(run: Path) -> AuditedRun:
    return AuditedRun(run, (Agent("An Archive"),))


def unseen(text: str) -> list[str]:
    return UNSEEN.findall(text)


# The outputs, each with what must hold of it


def page(run: Path, folder: Path) -> None:
    (out,) = write_report(run, folder / "report.html")
    text = out.read_bytes().decode("utf-8")
    tree = lxml.html.document_fromstring(text)
    own = list(tree.iter("script"))
    assert [s.get("type") for s in own] == ["application/gzip"] * (len(own) - 1) + [None]
    assert not list(tree.iter("img", "iframe", "object", "embed", "link", "base", "form", "x:y"))
    attributes = [(name, value) for e in tree.iter() if isinstance(e.tag, str) for name, value in e.attrib.items()]
    assert [name for name, _ in attributes if name.startswith("on") or name == "style"] == []
    assert [value for name, value in attributes if name in ("href", "src") and not value.startswith("#")] == []
    assert unseen(text) == []
    assert len(text) < 1_000_000
    assert not re.search("\u0301{9}", text)


def summary(run: Path, _: Path) -> None:
    data = (run / "summary.csv").read_bytes()
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert [len(row) for row in rows] == [16] * 3
    assert [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")] == []
    assert rows[2][1] == "failed"
    asked = siglum("query", run, "SELECT id, engine, error FROM documents", "--to", "csv").stdout_bytes.decode()
    cells = [cell for row in csv.reader(io.StringIO(asked, newline="")) for cell in row]
    assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")] == []


def premis(run: Path, _: Path) -> None:
    out = io.BytesIO()
    write_premis(audited(run), out)
    tree = etree.fromstring(out.getvalue(), etree.XMLParser(resolve_entities=False))
    assert {etree.QName(e).namespace for e in tree.iter()} == {"http://www.loc.gov/premis/v3"}
    told = [t for t in tree.itertext() if t.strip()]
    assert [t for t in told if unseen(t)] == []
    assert max(map(len, told)) < 10_000


def warc(run: Path, _: Path) -> None:
    out = io.BytesIO()
    write_warc(audited(run), out, compress=False)
    data, found = out.getvalue(), []
    while data:
        head, _, rest = data.partition(b"\r\n\r\n")
        lines = head.decode("utf-8").split("\r\n")
        assert lines[0] == "WARC/1.1"
        fields = dict(line.split(": ", 1) for line in lines[1:])
        assert len(fields) == len(lines) - 1
        assert [line for line in lines if unseen(line)] == []
        size = int(fields["Content-Length"])
        assert fields["WARC-Block-Digest"] == f"sha256:{hashlib.sha256(rest[:size]).hexdigest()}"
        assert re.fullmatch(r"[\d-]{10}T[\d:]{8}Z", fields["WARC-Date"])
        assert rest[size : size + 4] == b"\r\n\r\n"
        found.append(fields["WARC-Type"])
        data = rest[size + 4 :]
    assert found == ["warcinfo", "resource", "conversion", "metadata"]


def pages_lines(run: Path, _: Path) -> None:
    lines = b"".join(pages(audited(run))).split(b"\n")
    if len(_text_of(run)) > 100_000:
        assert len(lines) == 2  # the head, and no page under an address of half a megabyte
        return
    assert len(lines) == 3
    assert set(loads(lines[1])) == {"id", "url", "ts", "text", "lang", "cleaningReport"}
    assert unseen(loads(lines[1])["url"]) == []


def graph(run: Path, _: Path) -> None:
    parts = json.loads(prov(audited(run)))
    told = [
        value
        for part in parts.values()
        for node in part.values()
        if isinstance(node, dict)
        for value in node.values()
        if isinstance(value, str)
    ]
    assert told
    assert [value for value in told if len(value) > 2_000] == []
    assert [value for value in told if unseen(value)] == []


def bag(run: Path, folder: Path) -> None:
    write_bag(audited(run), folder / "bag")
    assert [path.name for path in folder.iterdir()] == ["bag"]
    there = {str(p.relative_to(folder / "bag")) for p in (folder / "bag").rglob("*") if p.is_file()}
    lines = (folder / "bag/manifest-sha256.txt").read_bytes().decode("utf-8").split("\n")[:-1]
    names = dict(reversed(line.split(maxsplit=1)) for line in lines)
    assert set(names) == {name for name in there if name.startswith("data/")}
    assert [name for name in names if unseen(name) or ".." in name.split("/")] == []
    for name, digest in names.items():
        assert hashlib.sha256((folder / "bag" / name).read_bytes()).hexdigest() == digest
    assert unseen((folder / "bag/bag-info.txt").read_text("utf-8")) == []


def signed(run: Path, _: Path) -> None:
    text = statement(audited(run)).decode()
    assert unseen(text) == []
    assert len(text) < 10_000
    assert sum(line.startswith("Documents") for line in text.split("\n")) == 1


def difference(run: Path, folder: Path) -> None:
    harm = next(harm for name, harm in HARMS.items() if _made.get(name) == run)
    other = made_run(harm, folder / "other", reviewed=False)
    shown = siglum("diff", run, other)
    assert shown.exit_code == 0
    assert unseen(shown.stdout) == []
    assert max(map(len, shown.stdout.split("\n"))) < 2_000
    for line in siglum("diff", run, other, "--json").stdout_bytes.splitlines():
        loads(line)


def terminal(run: Path, folder: Path) -> None:
    ((report, _),) = documents(run)
    (folder / "page.txt").write_bytes(report.restore_text(_text_of(run)).encode("utf-8", "surrogatepass"))
    ids = json.dumps({"id": report.id, "text": report.restore_text(_text_of(run)), "url": report.data["source"]["url"]})
    (folder / "rows.jsonl").write_text(ids + "\n{broken " + ids, "utf-8")
    for line in (2, 3):
        told = siglum("explain", run, f"{report.id[:500]}:{line}")
        assert told.exit_code == 0, told.stderr
        assert unseen(told.stdout) == []
    for command in (
        ["stats", run],
        ["query", run, "SELECT * FROM documents"],
        ["query", run, "SELECT * FROM reviews"],
        ["verify", run],
        ["inspect", folder / "page.txt"],
        ["provenance", folder / "page.txt"],
        ["provenance", folder / "rows.jsonl", "--summary"],
        ["language", folder / "page.txt"],
        ["clean", folder / "rows.jsonl", "--dry-run"],
        ["rules", "try", "harbour", folder / "page.txt"],
        ["explain", run, "nobody:1"],
    ):
        shown = siglum(*command)
        assert unseen(shown.stdout + shown.stderr) == [], command
        assert not re.search("\u0301{9}", shown.stdout + shown.stderr), command


def _text_of(run: Path) -> str:
    ((_, text),) = documents(run)
    return text


def account(run: Path, _: Path) -> None:
    assert [fault for _, fault in check_run(run) if fault] == []
    ((report, text),) = documents(run)
    harm = next(harm for name, harm in HARMS.items() if _made.get(name) == run)
    assert report.restore_text(text) == account_of(harm).source_text
    for line in (run / "rows.jsonl").read_bytes().splitlines():
        loads(line)
    json.loads((run / "run.json").read_bytes())


OUTPUTS: dict[str, Callable[[Path, Path], None]] = {
    "page": page,
    "summary.csv": summary,
    "PREMIS": premis,
    "WARC": warc,
    "pages.jsonl": pages_lines,
    "PROV": graph,
    "BagIt": bag,
    "statement": signed,
    "diff": difference,
    "terminal": terminal,
    "rows and reports": account,
}


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("harm", HARMS)
def test_no_harm_comes_through_any_output(output, harm, run, tmp_path):
    OUTPUTS[output](run, tmp_path)
