"""The fields of a command as a test writes them: numbers in the interface's units, or with a unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csc import Command, Field, parse_value
from fsm import AuthorError, nearest

__all__ = ["fields_of"]


def fields_of(component: str, command: Command, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields in the units of the interface.

    Raises
    ------
    AuthorError
        If the command has no such field (names the nearest), or a quantity is in another unit.
    """
    for key in given:
        if key not in command.fields:
            raise AuthorError(f"{component}.{command.name} has no field {key}", suggestion=nearest(key, command.fields))
    return {key: _value(f"{component}.{command.name}", command.fields[key], raw) for key, raw in given.items()}


def _value(command: str, field: Field, raw: Any) -> Any:
    if field.type == "string" or not isinstance(raw, str):
        return raw
    value, unit = parse_value(raw)
    if isinstance(value, str) or unit != field.unit:
        wanted = f"a quantity in {field.unit}" if field.unit else "a number without unit"
        raise AuthorError(f"{command}: {field.name}={raw!r}: {wanted} is expected")
    if field.is_real and isinstance(value, int | float):
        return value / field.scale
    return value
