"""What a field of an event or of telemetry always says: a value written in the sheet, or that of a parameter.

Configuration that a CSC tells, such as ``settingsApplied``, is stated so and needs no Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from csc.blueprint import Field, Parameter
from csc.datasheet import FieldSheet
from csc.fields import read_field, take
from csc.values import parse_value
from fsm import AuthorError, Refused, Value

__all__ = ["constant_of", "read_topic_field"]


def read_topic_field(name: str, sheet: FieldSheet, parameters: Mapping[str, Parameter]) -> Field:
    """Read a field of an event or of telemetry, with what it always says.

    Raises
    ------
    AuthorError
        If it cannot be read, or its value does not suit its type or unit.
    """
    field = read_field(name, _without_value(sheet))
    if sheet.value is None:
        return field
    parameter = parameters.get(sheet.value) if isinstance(sheet.value, str) else None
    if parameter is None:
        return replace(field, value=_written(field, sheet.value))
    _check_unit(field, parameter.unit, parameter.name)
    _suits(field, parameter.default)
    return replace(field, parameter=parameter.name)


def _without_value(sheet: FieldSheet) -> FieldSheet:
    """Return the sheet of a field without what it always says."""
    return sheet if sheet.value is None else sheet.model_copy(update={"value": None})


def constant_of(field: Field, parameters: Mapping[str, Value]) -> Value:
    """Return what a field always says, as it is sent: in its own unit."""
    value = field.value if field.parameter is None else parameters[field.parameter]
    said: Value = take("value", field, _times(value, 1.0 / field.scale))
    return said


def _times(value: Value, factor: float) -> Value:
    if isinstance(value, tuple):
        return tuple(_times(item, factor) for item in value)
    if isinstance(value, bool) or not isinstance(value, int | float) or factor == 1.0:
        return value
    return value * factor


def _written(field: Field, raw: Any) -> Value:
    items = raw if isinstance(raw, list | tuple) else [raw]
    values = []
    for item in items:
        value, unit = (item, None) if field.type == "string" else parse_value(item)
        _check_unit(field, unit, str(item))
        values.append(value)
    return _suits(field, tuple(values) if isinstance(raw, list | tuple) else values[0])


def _check_unit(field: Field, unit: str | None, what: str) -> None:
    if unit != field.unit and field.type != "string":
        wanted = f"a quantity in {field.unit}" if field.unit else "a value without unit"
        raise AuthorError(f"{what}: {wanted} is expected")


def _suits(field: Field, value: Value) -> Value:
    """Return a value in canonical units as the field's type holds it."""
    try:
        taken: Value = take("value", field, _times(value, 1.0 / field.scale))
    except Refused as refusal:
        raise AuthorError(str(refusal)) from refusal
    return _times(taken, field.scale)
