"""PROV: where every text of a run comes from, as a graph, with what a page says of its own translation as a claim.

PREMIS tells what was done to files. PROV can also name what nobody here has seen: the original a machine translated.
Written as PROV-JSON (W3C member submission of 2013).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid5

from siglum.audit.agents import NAMESPACE, Agent, software
from siglum.audit.premis import MODIFICATION
from siglum.audit.record import AuditedRun, Record, excerpt, printable
from siglum.report import dumps

PREFIXES = {"uuid": "urn:uuid:", "siglum": "urn:siglum:prov:", "dcterms": "http://purl.org/dc/terms/"}
_AGENT_TYPES = {"person": "Person", "organization": "Organization", "software": "SoftwareAgent"}


def prov(run: AuditedRun) -> bytes:
    """Return the run as PROV-JSON in UTF-8. Entities are named by UUID, not by digest: equal files stay two."""
    graph = _Graph()
    for record in run.records():
        _cleaning(graph, run, record)
        if record.data["provenance"]["translated"]:
            _translation(graph, record)
    return dumps({"prefix": PREFIXES, **graph.parts}, indent=True) + b"\n"


class _Graph:
    """The parts of a PROV-JSON document as they fill; relations are numbered."""

    def __init__(self) -> None:
        self.parts: dict[str, dict[str, Any]] = {}
        self._count = 0

    def put(self, part: str, id: str, attributes: Mapping[str, Any]) -> str:
        """Add a node, or leave the one that is there, and return its id."""
        kept = {name: value for name, value in attributes.items() if value is not None}
        self.parts.setdefault(part, {}).setdefault(id, kept)
        return id

    def relate(self, relation: str, **ends: Any) -> None:
        """Add a relation between the nodes *ends* names, each by its role without "prov:"."""
        self._count += 1
        self.put(relation, f"_:r{self._count}", {f"prov:{role}": end for role, end in ends.items()})


def _cleaning(graph: _Graph, run: AuditedRun, record: Record) -> None:
    data, date = record.data, run.date
    taken = {
        "siglum:captured": _said(data["source"].get("captured")),
        "siglum:capturedBy": _said(data["source"].get("captured_basis")),
    }
    source = graph.put("entity", _id(record, "source"), {**_file(record.names.source, data["source"]), **taken})
    told = {"dcterms:language": data["output"]["lang"], **_file(record.names.text, data["output"])}
    text = graph.put("entity", _id(record, "text"), told)
    report = graph.put(
        "entity", _id(record, "report"), {"prov:label": record.names.report, "prov:type": _name("siglum:Report")}
    )
    config = data["run"]["config_sha256"]
    plan = graph.put(
        "entity",
        f"uuid:{uuid5(NAMESPACE, f'configuration {config}')}",
        {"prov:type": _name("prov:Plan"), "siglum:sha256": config},
    )
    cleaning = graph.put(
        "activity",
        _id(record, MODIFICATION[0]),
        {
            "prov:startTime": date,
            "prov:endTime": date,
            "prov:type": _name("siglum:Cleaning"),
            "siglum:edits": _number(len(record.edits)),
            "siglum:inverse": data["inverse"]["status"],
        },
    )
    tool = software(data["run"])
    program = graph.put("agent", _agent_id(tool), _agent(tool))
    graph.relate("used", activity=cleaning, entity=source, time=date)
    graph.relate("wasGeneratedBy", entity=text, activity=cleaning, time=date)
    graph.relate("wasGeneratedBy", entity=report, activity=cleaning, time=date)
    graph.relate("wasDerivedFrom", generatedEntity=text, usedEntity=source, activity=cleaning)
    graph.relate("wasAssociatedWith", activity=cleaning, agent=program, plan=plan)
    for agent in run.answering(record):
        responsible = graph.put("agent", _agent_id(agent), _agent(agent))
        graph.relate("wasAssociatedWith", activity=cleaning, agent=responsible, role=agent.role)
        graph.relate("actedOnBehalfOf", delegate=program, responsible=responsible, activity=cleaning)


def _translation(graph: _Graph, record: Record) -> None:
    told = record.data["provenance"]
    source = _id(record, "source")
    original = graph.put(
        "entity",
        _id(record, "original"),
        {
            "prov:label": "the original, which was not seen",
            "siglum:seen": {"$": "false", "type": "xsd:boolean"},
            "dcterms:language": _said(told.get("original_language") or told["source_language"]),
            "dcterms:identifier": _said(told["original"]),
        },
    )
    machine = told["method"].startswith("machine")
    kind = "MachineTranslation" if machine else "Translation"
    translation = graph.put(
        "activity",
        _id(record, "translation"),
        {
            "prov:type": _name(f"siglum:{kind}"),
            "siglum:method": _said(told["method"]),
            "siglum:basis": _said(told["basis"]),
            "siglum:confidence": {"$": str(told["confidence"]), "type": "xsd:double"},
            "siglum:assertedBy": _said(told["asserted_by"]),
            "siglum:postEdited": _said(told["post_edited"]),
            "siglum:date": _said(told["date"]) or "unknown",
            "siglum:evidence": [excerpt(row["quote"]) for row in told["evidence"] if "quote" in row] or None,
        },
    )
    if told.get("pivot"):
        between = graph.put(
            "entity",
            _id(record, "version in between"),
            {
                "prov:label": "the version in between, which was not seen",
                "siglum:seen": {"$": "false", "type": "xsd:boolean"},
                "dcterms:language": _said(told["pivot"]),
            },
        )
        graph.relate("wasDerivedFrom", generatedEntity=between, usedEntity=original)
        graph.relate("used", activity=translation, entity=between)
    graph.relate("used", activity=translation, entity=original)
    graph.relate("wasGeneratedBy", entity=source, activity=translation)
    graph.relate("wasDerivedFrom", generatedEntity=source, usedEntity=original, activity=translation)
    for agent in _translators(told, machine):
        graph.relate(
            "wasAssociatedWith", activity=translation, agent=graph.put("agent", _agent_id(agent), _agent(agent))
        )


def _translators(told: Mapping[str, Any], machine: bool) -> list[Agent]:
    agents = []
    if machine and told["engine"]:
        agents.append(Agent(excerpt(told["engine"]), "software", version=_said(told["version"]) or ""))
    if told["translator"]:
        agents.append(Agent(excerpt(told["translator"]), "person"))
    return agents


def _file(name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {"prov:label": name, "siglum:sha256": facts["sha256"], "siglum:bytes": _number(facts["size"])}


def _agent(agent: Agent) -> dict[str, Any]:
    label = printable(f"{agent.name} {agent.version}".strip())
    about = {"prov:type": _name(f"prov:{_AGENT_TYPES[agent.type]}"), "prov:label": label}
    return {**about, "dcterms:identifier": printable(agent.identifier)} if agent.identifier else about


def _agent_id(agent: Agent) -> str:
    return f"uuid:{agent.uuid}"


def _id(record: Record, what: str) -> str:
    return f"uuid:{record.uuid(what)}"


def _name(qualified: str) -> dict[str, str]:
    return {"$": qualified, "type": "prov:QUALIFIED_NAME"}


def _number(value: int) -> dict[str, str]:
    return {"$": str(value), "type": "xsd:long"}


def _said(value: str | None) -> str | None:
    return excerpt(value) if value else None
