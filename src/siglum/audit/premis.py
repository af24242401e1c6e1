"""PREMIS 3: the objects, events and agents of a run, as repositories import them.

Shaped for the reader in Archivematica (`load_premis_events_from_xml.py`), which wants `originalName` to be a file's
path below the transfer, every event linked to an object and an agent, and every object and agent to an event.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

from siglum.audit.agents import EXECUTING, Agent, software
from siglum.audit.record import AuditedRun, Record, counts, excerpt, printable
from siglum.report import sha256

if TYPE_CHECKING:
    from lxml import etree

_PREMIS = "http://www.loc.gov/premis/v3"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NAMES = {"premis": _PREMIS, "xsi": _XSI}
_LOCATION = f"{_PREMIS} http://www.loc.gov/standards/premis/premis.xsd"
_EVENT_TYPES = "http://id.loc.gov/vocabulary/preservation/eventType"

# The term and its code in the Library of Congress's list. "normalization" would be wrong: repositories use that word
# for a change of format.
MODIFICATION = ("modification", "mod")
EXTRACTION = ("metadata extraction", "mee")
VALIDATION = ("validation", "val")
CAPTURE = ("capture", "cap")

# Format name and PRONOM key by media type; a type that is not here is its own name.
_FORMATS = {
    "text/plain": ("Plain Text File", "x-fmt/111"),
    "text/html": ("Hypertext Markup Language", "fmt/96"),
    "application/json": ("JSON Data Interchange Format", "fmt/817"),
}
_CLAIMS = (
    "method",
    "engine",
    "engine_text",
    "model",
    "version",
    "date",
    "translator",
    "source_language",
    "basis",
    "pivot",
    "original_language",
    "original",
    "scope",
    "post_edited",
    "asserted_by",
    "confidence",
)
UNKNOWN = Agent("what captured the page, which the report does not name", "software")
_DATED = "the date is that of the record or response the document was read from"


class Writable(Protocol):
    """What bytes can be written to."""

    def write(self, data: bytes, /) -> Any:
        """Take *data*."""


def write_premis(run: AuditedRun, out: Writable) -> None:
    """Write the run as PREMIS 3 in UTF-8 to *out*, a document at a time.

    Raises ReportMismatch for a report that cannot be read.
    """
    from lxml import etree

    with etree.xmlfile(out, encoding="UTF-8") as xml:
        xml.write_declaration()
        with xml.element(_q("premis"), {_q("schemaLocation", _XSI): _LOCATION, "version": "3.0"}, nsmap=_NAMES):
            for part in (_objects, _events, _agents):
                for element in part(run):
                    xml.write(element, pretty_print=True)
    out.write(b"\n")


def _objects(run: AuditedRun) -> Iterator[etree._Element]:
    for record in run.records():
        source, output, names = record.data["source"], record.data["output"], record.names
        events = [record.uuid(e) for e in _events_of(record)]
        captured = [record.uuid(CAPTURE[0])] if record.captured else []
        # The source has a part in all of them, the text not in the extraction, the report not in the validation.
        yield _file(
            record, "source", names.source, source["sha256"], source["size"], source["media_type"], captured + events
        )
        text = _file(record, "text", names.text, output["sha256"], output["size"], "text/plain", events[::2])
        text.insert(len(text) - len(events[::2]), _derived(record))
        yield text
        data = record.report_bytes
        yield _file(record, "report", names.report, sha256(data), len(data), "application/json", events[:2])


def _events_of(record: Record) -> tuple[str, ...]:
    verified = record.data["inverse"]["status"] == "verified"
    return (MODIFICATION[0], EXTRACTION[0], VALIDATION[0])[: 3 if verified else 2]


def _file(
    record: Record, what: str, name: str, digest: str, size: int, media_type: str, events: list[str]
) -> etree._Element:
    file = _element("object")
    file.set(_q("type", _XSI), "premis:file")
    _identifier(file, "object", record.uuid(what))
    characteristics = _sub(file, "objectCharacteristics")
    fixity = _sub(characteristics, "fixity")
    _sub(fixity, "messageDigestAlgorithm", "SHA-256")
    _sub(fixity, "messageDigest", digest)
    _sub(characteristics, "size", str(size))
    form = _sub(characteristics, "format")
    format_name, key = _FORMATS.get(media_type, (media_type, ""))
    _sub(_sub(form, "formatDesignation"), "formatName", format_name)
    if key:
        registry = _sub(form, "formatRegistry")
        _sub(registry, "formatRegistryName", "PRONOM")
        _sub(registry, "formatRegistryKey", key)
    _sub(file, "originalName", name)
    for event in events:
        _identifier(file, "linkingEvent", event)
    return file


def _derived(record: Record) -> etree._Element:
    relation = _element("relationship")
    _sub(relation, "relationshipType", "derivation")
    _sub(relation, "relationshipSubType", "has source")
    _identifier(relation, "relatedObject", record.uuid("source"))
    _identifier(relation, "relatedEvent", record.uuid(MODIFICATION[0]))
    return relation


def _events(run: AuditedRun) -> Iterator[etree._Element]:
    for record in run.records():
        people = [(a, a.role) for a in run.answering(record)]
        tool = [(software(record.data["run"]), EXECUTING)]
        both = {"source": "source", "report": "outcome"}
        if record.captured:
            yield _event(run, record, CAPTURE, _captured(record), [(UNKNOWN, EXECUTING)], {"source": "outcome"})
        yield _event(run, record, MODIFICATION, _modified(record), tool + people, both | {"text": "outcome"})
        yield _event(run, record, EXTRACTION, _extracted(record), tool, both)
        if len(_events_of(record)) == 3:
            yield _event(run, record, VALIDATION, _validated(record), tool, {"source": "source", "text": "source"})


def _event(
    run: AuditedRun,
    record: Record,
    term: tuple[str, str],
    note: str,
    agents: list[tuple[Agent, str]],
    objects: dict[str, str],
) -> etree._Element:
    name, code = term
    event = _element("event")
    _identifier(event, "event", record.uuid(name))
    type = _sub(event, "eventType", name)
    type.set("authority", "eventType")
    type.set("authorityURI", _EVENT_TYPES)
    type.set("valueURI", f"{_EVENT_TYPES}/{code}")
    captured = term == CAPTURE
    _sub(event, "eventDateTime", record.captured if captured else run.date)
    # What captured the page is not known: siglum read the date.
    _sub(_sub(event, "eventDetailInformation"), "eventDetail", _DATED if captured else _program(record))
    outcome = _sub(event, "eventOutcomeInformation")
    _sub(outcome, "eventOutcome", "success")
    _sub(_sub(outcome, "eventOutcomeDetail"), "eventOutcomeDetailNote", note)
    for agent, role in agents:
        _sub(_identifier(event, "linkingAgent", agent.uuid), "linkingAgentRole", role)
    for what, role in objects.items():
        _sub(_identifier(event, "linkingObject", record.uuid(what)), "linkingObjectRole", role)
    return event


def _program(record: Record) -> str:
    run = record.data["run"]
    packs = ",".join(f"{p['id']}@{p['version']} sha256:{p['sha256']}" for p in run["rulepacks"])
    return _pairs(
        program=run["tool"]["name"], version=run["tool"]["version"], rulepacks=packs, config_sha256=run["config_sha256"]
    )


def _modified(record: Record) -> str:
    kinds = ", ".join(f"{n} {category}" for category, n in sorted(counts(record.edits).items()))
    taken = record.data["text"]["codepoints"] - record.data["output"]["codepoints"]
    review = {}
    if record.reviewers:
        review = {"rejected": record.rejected, "reviewed_by": ", ".join(map(excerpt, record.reviewers))}
    told = {"edits": len(record.edits), "kinds": kinds, "code_points_fewer": taken, **review}
    return _pairs(**told, report=record.names.report)


def _captured(record: Record) -> str:
    source = record.data["source"]
    address = {"address": excerpt(source["url"])} if "url" in source else {}
    return _pairs(**address, date_stated_by=source["captured_basis"])


def _extracted(record: Record) -> str:
    found, told = record.data["language"], record.data["provenance"]
    language = {"language": found["lang"], "language_confidence": found["confidence"]} if found else {}
    claims = {name: excerpt(str(told[name])) for name in _CLAIMS if told.get(name) is not None}
    note = _pairs(tag=record.data["output"]["lang"], **language, **claims)
    for name, rows in (("evidence", told.get("evidence", ())), ("against", told.get("counter", ()))):
        note += "".join(f"; {name}={_quoted(row)}" for row in rows)
    return note


def _quoted(row: dict[str, Any]) -> str:
    quote = f'"{excerpt(row["quote"])}"' if "quote" in row else f"quote sha256 {row.get('quote_sha256', '')}"
    place = f"code points {row['start']}-{row['end']}" if row["place"] == "text" else excerpt(row["place"])
    return f"{quote} at {place}, rule {excerpt(row['rule'])}"


def _validated(record: Record) -> str:
    text, source = record.data["text"]["sha256"], record.data["source"]["sha256"]
    if record.data["inverse"]["restores"] == "visible-text":
        return f"undoing the edits gave the page's visible text, sha256={text}; the page itself has sha256={source}"
    return f"undoing the edits gave the source, sha256={source}"


def _agents(run: AuditedRun) -> Iterator[etree._Element]:
    agents: dict[str, tuple[Agent, list[str]]] = {}  # by UUID: one who has two roles is one agent
    for record in run.records():
        told = [record.uuid(e) for e in _events_of(record)]
        tool = software(record.data["run"])
        agents.setdefault(tool.uuid, (tool, []))[1].extend(told)
        if record.captured:
            agents.setdefault(UNKNOWN.uuid, (UNKNOWN, []))[1].append(record.uuid(CAPTURE[0]))
        for id, agent in {a.uuid: a for a in run.answering(record)}.items():
            agents.setdefault(id, (agent, []))[1].append(told[0])
    for agent, ids in agents.values():
        element = _element("agent")
        _identifier(element, "agent", agent.uuid)
        if agent.identifier:
            _identifier(element, "agent", agent.identifier, "URI")
        _sub(element, "agentName", agent.name)
        _sub(element, "agentType", agent.type)
        if agent.version:
            _sub(element, "agentVersion", agent.version)
        for event in ids:
            _identifier(element, "linkingEvent", event)
        yield element


def _pairs(**values: Any) -> str:
    """Return *values* as `name="value"; ...`, which is the habit of repositories' event details."""
    return "; ".join(f'{name}="{printable(str(value)).replace(chr(34), chr(39))}"' for name, value in values.items())


def _identifier(parent: etree._Element, what: str, value: str, type: str = "UUID") -> etree._Element:
    element = _sub(parent, f"{what}Identifier")
    _sub(element, f"{what}IdentifierType", type)
    _sub(element, f"{what}IdentifierValue", value)
    return element


def _element(name: str) -> etree._Element:
    from lxml import etree

    return etree.Element(_q(name), nsmap=_NAMES)


def _sub(parent: etree._Element, name: str, text: str = "") -> etree._Element:
    from lxml import etree

    element = etree.SubElement(parent, _q(name))
    if text:
        element.text = printable(text)
    return element


def _q(name: str, space: str = _PREMIS) -> str:
    return f"{{{space}}}{name}"
