"""Agents: the people, organisations and programs that answer for a run."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from siglum.errors import SiglumError

# The types and roles of PREMIS, as id.loc.gov/vocabulary/preservation lists them (agentType, eventRelatedAgentRole).
TYPES = ("person", "organization", "software")
ROLES = {"implementer": "ran it", "authorizer": "authorised it", "validator": "reviewed it"}
EXECUTING = "executing program"

NAMESPACE = uuid5(NAMESPACE_URL, "urn:siglum:audit")


@dataclass(frozen=True)
class Agent:
    """Who had a part in a run, and which. The role is one of `ROLES`, or `EXECUTING` for siglum itself."""

    name: str
    type: str = "person"
    role: str = "implementer"
    identifier: str = ""  # an address that names the agent, an ORCID say
    version: str = ""  # of a program

    @property
    def uuid(self) -> str:
        """The same for the same agent in every run: by type and identifier, or name and version without one."""
        return str(uuid5(NAMESPACE, f"agent {self.type} {self.identifier or f'{self.name} {self.version}'.strip()}"))


def agents_of(table: Mapping[str, Any]) -> tuple[Agent, ...]:
    """Return the agents of the table `[agents]` of siglum.toml, in its order.

    Raises SiglumError naming every fault.

    >>> agents_of({"ada": {"name": "Ada Example", "role": "validator"}})[0].role
    'validator'
    """
    agents, faults = [], []
    for key, row in table.items():
        found = list(_faults(row))
        faults += [f"agents.{key}: {fault}" for fault in found]
        if not found:
            values = {**row, "type": _american(row.get("type", "person"))}
            agents.append(Agent(**values))
    if faults:
        raise SiglumError("; ".join(faults))
    return tuple(agents)


def read_agents(path: Path) -> tuple[Agent, ...]:
    """Return the agents the TOML file at *path* names, none where it has no such table.

    Raises SiglumError naming the file and the fault.
    """
    try:
        return agents_of(tomllib.loads(path.read_text("utf-8")).get("agents", {}))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, SiglumError) as e:
        raise SiglumError(f"{path}: {e}") from e


def software(run: Mapping[str, Any]) -> Agent:
    """Return the program of a report's `run`."""
    tool = run["tool"]
    return Agent(tool["name"], "software", EXECUTING, version=tool["version"])


def _faults(row: Any) -> Iterator[str]:
    if not isinstance(row, Mapping):
        yield f"expected a table with a name, found {row!r}"
        return
    known = tuple(Agent.__dataclass_fields__)
    for field, value in row.items():
        if field not in known:
            yield f"unknown field {field}; known are {', '.join(known)}"
        elif not isinstance(value, str):
            yield f"{field} is {value!r}, expected a text"
    if not row.get("name"):
        yield "name is missing"
    if _american(row.get("type", "person")) not in TYPES:
        yield f"type {row['type']!r} is not one of {', '.join(TYPES)}"
    if row.get("role", "implementer") not in tuple(ROLES):
        yield f"role {row['role']!r} is not one of {', '.join(ROLES)}"


def _american(type: Any) -> Any:
    return "organization" if type == "organisation" else type
