"""The fields of commands and topics as JSON Schema (draft 7, which AsyncAPI 3 builds on), in the units of the wire.

A command's schema accepts what `csc.arguments.arguments` accepts, and refuses what it refuses. There is one
difference: 0 and 1 are taken for false and true as well, and no schema says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

from csc.blueprint import Command, Field, Topic
from csc.fields import FLOAT_LIMIT, TEXT_LIMIT, WHOLE, take
from fsm import Refused

__all__ = ["NOT_FINITE", "Schema", "arguments_schema", "sample_schema"]

Schema: TypeAlias = dict[str, Any]

NOT_FINITE = ("NaN", "Infinity", "-Infinity")
"""The texts that stand for numbers which JSON has not."""
_FORMATS = {
    "short": "int16",
    "int": "int32",
    "long": "int32",
    "long long": "int64",
    "unsigned int": "uint32",
    "float": "float",
    "double": "double",
}


def arguments_schema(command: Command) -> Schema:
    """Return what a command may be sent, without its private fields."""
    fields = command.fields.values()
    required = [field.name for field in fields if not _may_be_left_out(field)]
    return _object({field.name: _argument(field) for field in fields}, required)


def sample_schema(topic: Topic) -> Schema:
    """Return what a message of an event or of telemetry has, without its private fields.

    A real number is one of the schemas `float` and `double` of the document: a number, or one of `NOT_FINITE`.
    """
    fields = topic.fields.values()
    return _object({field.name: _published(field) for field in fields}, [field.name for field in fields])


def _object(properties: Mapping[str, Schema], required: list[str]) -> Schema:
    schema: Schema = {"type": "object"}
    if required:
        schema["required"] = required
    if properties:
        schema["properties"] = dict(properties)
    return schema


def _may_be_left_out(field: Field) -> bool:
    try:
        take("", field, field.default)
    except Refused:
        return False
    return True


def _argument(field: Field) -> Schema:
    if field.type == "string":
        schema: Schema = {"type": "string", "maxLength": TEXT_LIMIT}
    elif field.type == "boolean":
        schema = {"type": "boolean"}
    else:
        schema = {**_number(field), **_limits(field)}
    schema = _listed(field, schema, least=0)
    if _may_be_left_out(field):
        schema["default"] = [] if field.length > 1 and field.type != "string" else field.default
    return schema | _facts(field)


def _published(field: Field) -> Schema:
    if field.is_real:
        schema: Schema = {"$ref": f"#/components/schemas/{field.type}"}
        # What stands beside a reference is not looked at.
        schema = schema if _is_list(field) else {"allOf": [schema]}
    elif field.type in ("boolean", "string"):
        schema = {"type": field.type}
    else:
        schema = _number(field)
    return _listed(field, schema, least=field.length) | _facts(field)


def _number(field: Field) -> Schema:
    schema: Schema = {"type": "number" if field.is_real else "integer"}
    if field.type in _FORMATS:
        schema["format"] = _FORMATS[field.type]
    return schema


def _is_list(field: Field) -> bool:
    return field.length > 1 and field.type != "string"


def _listed(field: Field, schema: Schema, *, least: int) -> Schema:
    if not _is_list(field):
        return schema
    return {"type": "array", "items": schema, "minItems": least, "maxItems": field.length}


def _facts(field: Field) -> Schema:
    """Return what is said of a field beside what it may be."""
    facts: Schema = {}
    if field.enum is not None:
        facts["x-names"] = dict(field.enum)
    if field.bits is not None:
        facts["x-bits"] = dict(field.bits)
    if field.own_unit is not None:
        facts["x-unit"] = field.own_unit
    words = [field.meaning] if field.meaning else []
    if field.stamp:
        words.append("TAI of its sending")
    if words:
        facts["description"] = "; ".join(words)
    return facts


def _limits(field: Field) -> Schema:
    if field.enum is not None and field.range is None:
        return {"enum": sorted(set(field.enum.values()))}
    least, most = _held(field.type)
    if field.range is not None:
        least = max(least, _inside(field, field.range[0], math.inf))
        most = min(most, _inside(field, field.range[1], -math.inf))
    limits: Schema = {}
    if least > -math.inf:
        limits["minimum"] = least
    if most < math.inf:
        limits["maximum"] = most
    if field.enum is not None:
        limits["enum"] = sorted(set(field.enum.values()))
    return limits


def _held(kind: str) -> tuple[float, float]:
    """Return the least and the largest number that a type holds; a double holds all that JSON's readers do."""
    if kind in WHOLE:
        return WHOLE[kind]
    return (-FLOAT_LIMIT, FLOAT_LIMIT) if kind == "float" else (-math.inf, math.inf)


def _inside(field: Field, limit: float, towards: float) -> float:
    """Return the number in a field's own unit that is nearest to a canonical limit and not beyond it.

    The limit may be missed by a rounding: what counts is whether its product with the scale is beyond.
    """
    whole = not field.is_real
    up = towards > 0

    def is_in(number: float) -> bool:
        return number * field.scale >= limit if up else number * field.scale <= limit

    def step(number: float, direction: float) -> float:
        return number + math.copysign(1, direction) if whole else math.nextafter(number, direction)

    number: float = limit / field.scale
    if whole:
        number = math.ceil(number) if up else math.floor(number)
    while not is_in(number):
        number = step(number, towards)
    while number and is_in(nearer := step(number, -towards)):  # around 0 every product is rounded
        number = nearer
    return int(number) if whole else number
