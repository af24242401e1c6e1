"""The statement: a page to sign, with what was done, how much, by whom, and the digests that pin it down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from siglum.audit.agents import ROLES
from siglum.audit.record import EPOCH, AuditedRun, excerpt, summary

_WIDTH = 16


def statement(run: AuditedRun) -> bytes:
    """Return the statement on the run as plain text in UTF-8.

    The counts are those of the reports and of summary.csv; restoring is tried again for every report that can. Raises
    ReportMismatch where one fails: there is nothing to sign then.
    """
    lines = ["Statement on a run of siglum", "", *(_row(*row) for row in _rows(run)), "", *_signatures(run)]
    return "\n".join([*lines, ""]).encode("utf-8", "replace")


def _rows(run: AuditedRun) -> Iterator[tuple[str, str]]:
    yield "Date", "not given (SOURCE_DATE_EPOCH)" if run.when == EPOCH else run.date[:10]
    yield from _facts(run)
    for agent in run.agents:
        kind = "" if agent.type == "person" else f", {agent.type}"
        told = f" <{excerpt(agent.identifier)}>" if agent.identifier else ""
        yield "Agent", f"{excerpt(agent.name)}{told}{kind}: {agent.role} ({ROLES.get(agent.role, agent.role)})"
    rows = summary(run.folder)
    status = Counter(row["status"] for row in rows)
    yield "Documents", f"{len(rows)}: " + ", ".join(f"{status[s]} {s}" for s in ("cleaned", "unchanged", "failed"))
    yield from _taken(run, sum(int(row["lines_removed"] or 0) for row in rows))
    yield "Run", f"urn:sha256:{run.digest} (sha256 of manifest-sha256.txt, which has that of every file)"


def _facts(run: AuditedRun) -> Iterator[tuple[str, str]]:
    if run.facts:
        tool = run.facts["tool"]
        yield "Program", f"{tool['name']} {tool['version']}"
        yield "Configuration", f"sha256 {run.facts['config_sha256']}, profile {run.facts['config'].get('profile', '')}"
        for pack in run.facts["rulepacks"]:
            yield "Rules", f"{excerpt(pack['id'])} {pack['version']}, sha256 {pack['sha256']}"


def _taken(run: AuditedRun, lines: int) -> Iterator[tuple[str, str]]:
    categories, risks, tags, methods, restored, reviews = (Counter[str]() for _ in range(6))
    before = after = rejected = 0
    for record in run.records():
        data = record.data
        before += data["text"]["codepoints"]
        after += data["output"]["codepoints"]
        tags[data["output"]["lang"]] += 1
        told = data["provenance"]
        if told["translated"]:
            methods[", ".join(filter(None, (told["method"], told["engine"])))] += 1
        reviews.update(record.reviewers)
        rejected += record.rejected
        for edit in record.edits:
            categories[edit["category"]] += 1
            risks[edit["risk"]] += 1
        restored[_restored(data["inverse"]["restores"], record.data["inverse"]["status"])] += 1
        if data["inverse"]["status"] == "verified":
            record.report.restore(record.text_bytes)
    share = f", {100 * (before - after) / before:.1f} % of {before}" if before else ""
    yield "Taken", f"{lines} lines, {before - after} code points{share}"
    yield "Edits", f"{sum(categories.values())}: {_told(categories)}" if categories else "none"
    yield "Risk of edits", _told(risks) or "none"
    yield "Reviewed", f"{_told(reviews)}; edits rejected: {rejected}" if reviews else "no"
    yield "Languages", _told(tags)
    yield "Translations", _told(methods) or "none stated"
    yield "Restoring", _told(restored)


def _restored(restores: str, status: str) -> str:
    if status != "verified":
        return "need the source (redacted)"
    return {"source-bytes": "give the source byte for byte", "text": "give the text as it was given"}.get(
        restores, "give the page's visible text"
    )


def _told(count: Counter[str]) -> str:
    return ", ".join(f"{n} {excerpt(name)}" for name, n in sorted(count.items(), key=lambda x: (-x[1], x[0])))


def _row(name: str, value: str) -> str:
    return f"{name:<{_WIDTH}}{value}".rstrip()


def _signatures(run: AuditedRun) -> Iterator[str]:
    """Yield a line to sign on for everybody who authorised or reviewed the run."""
    signing = [agent for agent in run.agents if agent.role in ("authorizer", "validator")]
    if not signing:
        yield "Nobody is named who authorised or reviewed this run."
    for agent in signing:
        yield f"I have {ROLES[agent.role].replace(' it', ' this run')}: {excerpt(agent.name)}"
        yield "Signature, date: ______________________________"
