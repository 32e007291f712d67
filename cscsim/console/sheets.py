"""Data sheets as the page reads them: commands as forms, topics with units, machines as drawings, faults."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from csc import Blueprint, Command, Fault, Field, Parameter, Topic
from csc.diagrams import charts_of, draw_component
from csc.disturbances import DISTURBANCES
from cscsim.console.roles import Role
from fsm.diagrams import write_mermaid

__all__ = ["sheet_of"]

_ARROW = re.compile(r"^\s+(\w+) (?:-->|-\.->|~~~)(?:\|.*\|)? (\w+)$", re.MULTILINE)


def sheet_of(name: str, blueprint: Blueprint, role: Role) -> dict[str, Any]:
    """Return a component's data sheet; a trainee's has only the machines that can be seen on the bus."""
    shown = [
        each
        for each in charts_of(blueprint)
        if each == "summary" or role is Role.INSTRUCTOR or blueprint.published(each)
    ]
    return {
        "component": name,
        "title": blueprint.title,
        "summary": blueprint.summary,
        "aliases": list(blueprint.aliases),
        "remotes": list(blueprint.remotes),
        "commands": {key: _command(each) for key, each in blueprint.commands.items()},
        "topics": {key: _topic(each) for key, each in blueprint.topics.items() if each.simulated},
        "machines": {each: _machine(blueprint, each) for each in shown},
        "outputs": {
            key: {"unit": each.unit, "meaning": each.meaning, "topics": [list(pair) for pair in each.topics]}
            for key, each in blueprint.outputs.items()
            if each.topics or role is Role.INSTRUCTOR
        },
        "faults": {key: _fault(each) for key, each in blueprint.faults.items()},
        "disturbances": {
            key: _fault(each.as_fault()) for key, each in DISTURBANCES.items() if blueprint.is_csc or not each.csc_only
        },
    }


def _command(command: Command) -> dict[str, Any]:
    return {
        "meaning": command.meaning,
        "states": list(command.states),
        "refuses": command.refuses,
        "simulated": command.simulated,
        "changes_state": command.changes_state,
        "fields": [_field(each) for each in command.fields.values()],
        "guards": [{"condition": str(each.that), "otherwise": each.otherwise.text} for each in command.guards],
    }


def _field(field: Field) -> dict[str, Any]:
    scale = field.scale or 1.0
    return {
        "name": field.name,
        "type": field.type,
        "unit": field.own_unit,
        "length": field.length,
        "range": [limit / scale for limit in field.range] if field.range is not None else None,
        "enum": dict(field.enum) if field.enum is not None else None,
        "bits": dict(field.bits) if field.bits is not None else None,
        "default": field.default if field.length == 1 or field.type == "string" else [],
        "meaning": field.meaning,
    }


def _topic(topic: Topic) -> dict[str, Any]:
    return {
        "kind": "telemetry" if topic.cadence is not None else "event",
        "cadence": topic.cadence,
        "meaning": topic.meaning,
        "fields": [_field(each) for each in topic.fields.values()],
    }


def _machine(blueprint: Blueprint, name: str) -> dict[str, Any]:
    chart = charts_of(blueprint)[name]
    drawing = draw_component(blueprint, name)
    text = write_mermaid(drawing)
    nodes = {node.key[1]: node.id for node in drawing.nodes if node.key is not None and node.key[0] == name}
    return {
        "states": list(chart.state_names),
        "initial": chart.initial,
        "mermaid": text,
        "nodes": nodes,
        "edges": list(_edges(text, {identity: state for state, identity in nodes.items()})),
    }


def _edges(text: str, states: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the arrows of a flow chart in the order in which they are written."""
    for number, found in enumerate(_ARROW.finditer(text)):
        yield {"number": number, "source": states.get(found[1]), "target": states.get(found[2])}


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "meaning": fault.meaning,
        "seen": fault.seen,
        "cure": fault.cure,
        "cured_by": list(fault.cured_by),
        "parameters": [_parameter(each) for each in fault.parameters.values()],
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "unit": parameter.unit,
        "default": parameter.default,
        "range": list(parameter.range) if parameter.range is not None else None,
        "choices": list(parameter.choices) if parameter.choices is not None else None,
        "meaning": parameter.meaning,
    }
