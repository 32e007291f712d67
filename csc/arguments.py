"""What a command is given: every field checked, those left out filled in, and all in canonical units."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from csc.blueprint import Command, Field
from csc.fields import shown, take
from fsm import Refused, nearest

__all__ = ["LONGEST_NAME", "arguments", "bare", "canonical"]

LONGEST_NAME = 200
"""Names longer than this [characters] are nobody's spelling mistakes."""


def arguments(command: Command, data: object) -> dict[str, Any]:
    """Check the fields of a command and fill in SAL's defaults.

    Parameters
    ----------
    command
        Which fields it has.
    data
        What somebody has sent: values by field, if it is as it should be.

    Raises
    ------
    Refused
        If a field is unknown, of the wrong type, or out of range, or left out where SAL's default is not allowed;
        names it and what is allowed.
    """
    if not isinstance(data, Mapping):
        raise Refused(f"{command.name}: fields with their values are expected, not {shown(data)}")
    values: dict[str, Any] = {}
    for name, value in data.items():
        field = command.fields.get(name)
        if field is None:
            hint = nearest(name, command.fields) if isinstance(name, str) and len(name) < LONGEST_NAME else None
            raise Refused(f"{command.name} has no field {bare(name)}" + (f"; did you mean {hint}?" if hint else ""))
        values[name] = take(command.name, field, value)
    for name, field in command.fields.items():
        if name not in values:
            values[name] = _left_out(command.name, field)
    return values


def _left_out(command: str, field: Field) -> Any:
    """Take SAL's default for a field that is missing, if that is a value it may have."""
    try:
        return take(command, field, field.default)
    except Refused as refusal:
        raise Refused(f"{command}.{field.name} is left out, and {refusal}") from None


def bare(name: Any) -> str:
    """Write a name that somebody sent as it is, if it can be one."""
    return name if isinstance(name, str) and len(name) < LONGEST_NAME and name.isprintable() else shown(name)


def canonical(command: Command, data: SimpleNamespace) -> SimpleNamespace:
    """Return a command's data in canonical units, as conditions read them."""
    scales = {name: field.scale for name, field in command.fields.items() if field.scale != 1.0}
    if not scales:
        return data
    values = vars(data)
    scaled = {name: _times(values[name], scale) for name, scale in scales.items()}
    return SimpleNamespace(**{**values, **scaled})


def _times(value: Any, scale: float) -> Any:
    return tuple(item * scale for item in value) if isinstance(value, tuple) else value * scale
