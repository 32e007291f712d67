"""What all messages share: private fields, acknowledgements, and what travels beside commands, events and telemetry."""

from __future__ import annotations

import re
from typing import Any

from csc.blueprint import Fault, Parameter
from csc.bus.mqtt.asyncapi.fields import NOT_FINITE, Schema
from csc.bus.mqtt.payload import PRIVATE
from csc.bus.mqtt.topics import TopicTree
from csc.summary_state import AckCode
from fsm import format_value

__all__ = ["LONGEST_TEXT", "PRIVATE_FIELDS", "common_schemas", "injection_schema", "with_private"]

LONGEST_TEXT = 256
"""Characters that a private text may have."""
PRIVATE_FIELDS: dict[str, Schema] = {
    "sndStamp": {"type": "number", "x-unit": "s", "description": "when it was sent, by the sender's clock; TAI"},
    "seqNum": {"type": "integer", "description": "number of the message; of an acknowledgement, that of its command"},
    "identity": {"type": "string", "description": "who has sent it: a component's name, or user@host"},
    "origin": {"type": "integer", "description": "number of the sending process"},
    "revCode": {"type": "string", "description": "version of the topic's fields; empty where nobody asks for it"},
    "t": {"type": "number", "x-unit": "s", "description": "when it was sent, in simulated time since the run began"},
    "correlation": {"type": "string", "description": "by what a sender knows the acknowledgements of its request"},
    "replyTo": {"type": "string", "description": "topic to which they go; by default the one of `ack`"},
}
"""SAL's, and the last three, which are ours: by their names without ``private_``."""
_SENT = ("sndStamp", "seqNum", "identity", "origin", "revCode", "t")
_REAL = {
    "float": "a number of 32 bits; JSON has no NaN and no infinities, and texts stand for them",
    "double": "a number of 64 bits; JSON has no NaN and no infinities, and texts stand for them",
}


def common_schemas(tree: TopicTree) -> dict[str, Schema]:
    """Return the schemas to which all messages refer."""
    return {
        "request": {
            "description": "The private fields of what clients send; all may be left out.",
            "properties": _private(tree, PRIVATE_FIELDS),
        },
        "sent": {
            "description": "The private fields of what components send.",
            "required": [PRIVATE + name for name in _SENT],
            "properties": _private(tree, (*_SENT, "correlation")),
        },
        **{name: _real(name, meaning) for name, meaning in _REAL.items()},
        "ack": with_private(_ACK, "sent"),
        "demand": with_private(_DEMAND, "request"),
        "alive": _ALIVE,
        "question": with_private(_QUESTION, "request"),
        "clock": with_private(_CLOCK, "sent"),
    }


def with_private(schema: Schema, private: str, only: str | None = None) -> Schema:
    """Add the private fields to a schema; no others, if `only` is how their names begin."""
    whole: Schema = {**schema, "allOf": [{"$ref": f"#/components/schemas/{private}"}]}
    if only is not None:
        whole |= {"patternProperties": {f"^{only}": {}}, "additionalProperties": False}
    return whole


def injection_schema(fault: Fault) -> Schema:
    """Return what lets a fault begin or end, without its private fields."""
    schema: Schema = {
        "type": "object",
        "required": ["action"],
        "properties": {"action": {"type": "string", "enum": ["begin", "end"]}},
    }
    if fault.parameters:
        schema["properties"]["parameters"] = {
            "type": "object",
            "properties": {name: _parameter(each) for name, each in fault.parameters.items()},
            "additionalProperties": False,
        }
    return schema


def _private(tree: TopicTree, names: Any) -> dict[str, Schema]:
    schemas = {}
    for name in names:
        schema = dict(PRIVATE_FIELDS[name])
        if schema["type"] == "string":
            schema["maxLength"] = LONGEST_TEXT
        if name == "replyTo":
            schema["pattern"] = rf"^{re.escape(tree.replies)}/[^+#]+$"
        schemas[PRIVATE + name] = schema
    return schemas


def _real(name: str, meaning: str) -> Schema:
    return {
        "description": meaning,
        "anyOf": [{"type": "number", "format": name}, {"type": "string", "enum": list(NOT_FINITE)}],
    }


def _parameter(plan: Parameter) -> Schema:
    """Return what a parameter of a fault may be: a quantity is written with its unit, as in a scenario."""
    if plan.choices is not None:
        schema: Schema = {"type": "string", "enum": list(plan.choices)}
    elif isinstance(plan.default, bool):
        schema = {"type": "boolean"}
    elif isinstance(plan.default, int | float) and plan.unit is None:
        schema = {"type": "number"}
        if plan.range is not None:
            schema |= {"minimum": plan.range[0], "maximum": plan.range[1]}
    else:
        schema = {"type": "string"}
    is_quantity = plan.unit is not None
    schema["default"] = format_value(plan.default, plan.unit) if is_quantity else plan.default
    words = [plan.meaning] if plan.meaning else []
    if is_quantity and plan.range is not None:
        low, high = (format_value(end, plan.unit) for end in plan.range)
        words.append(f"from {low} to {high}")
    if words:
        schema["description"] = "; ".join(words)
    return schema


_ACK: Schema = {
    "type": "object",
    "description": "SAL's acknowledgement. A final one is any but ACK and INPROGRESS; a command has exactly one.",
    "required": ["command", "ack", "error", "result", "timeout"],
    "properties": {
        "command": {"type": "string", "description": "name of the command, or of the fault that was asked for"},
        "ack": {
            "type": "integer",
            "enum": [int(code) for code in AckCode],
            "x-names": {code.name: int(code) for code in AckCode},
            "description": "what it says",
        },
        "error": {"type": "integer", "description": "0 when all is well, 1 otherwise, or the component's own number"},
        "result": {"type": "string", "description": "its text: Done, or what is wrong and what would help"},
        "timeout": {
            "type": "number",
            "x-unit": "s",
            "description": "with INPROGRESS: by how much it extends the sender's limit, in simulated time",
        },
    },
}
_DEMAND: Schema = {
    "type": "object",
    "description": "Telemetry is wanted; it is sampled only as long as somebody says so.",
    "properties": {
        "lease": {
            "type": "number",
            "exclusiveMinimum": 0,
            "x-unit": "s",
            "description": "how long, in real time",
        }
    },
}
_ALIVE: Schema = {
    "type": "object",
    "description": "Whether a component is there; false is its last will.",
    "required": ["alive"],
    "properties": {"alive": {"type": "boolean"}},
}
_QUESTION: Schema = {
    "type": "object",
    "description": "Asks a component whether it is there; what it holds does not matter, and nothing is as good.",
}
_CLOCK: Schema = {
    "type": "object",
    "description": "What time it is, and how fast it goes.",
    "required": ["t", "tai", "speed", "wall"],
    "properties": {
        "t": {"type": "number", "x-unit": "s", "description": "simulated time since the run began"},
        "tai": {"type": "number", "x-unit": "s", "description": "simulated TAI since 1970-01-01 00:00:00 TAI"},
        "speed": {
            "type": ["number", "null"],
            "description": "simulated seconds a real second; null is as fast as it goes",
        },
        "wall": {"type": "number", "x-unit": "s", "description": "real time, Unix, at which this was so"},
    },
}
