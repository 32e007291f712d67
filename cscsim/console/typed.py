"""Values of a command's fields as a form gives them: some are numbers, some are texts with a unit or a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csc import Command, Field
from fsm import AuthorError, nearest, parse_quantity

__all__ = ["read_fields"]

_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def read_fields(command: Command, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a command's fields in their own units; whether they are allowed is the component's to say.

    A text for a field that takes none is read by its type and unit; an empty one counts as left out.

    Raises
    ------
    AuthorError
        If a text cannot be read so.
    """
    fields: dict[str, Any] = {}
    for name, value in given.items():
        field = command.fields.get(name)
        if field is None or field.type == "string" or not isinstance(value, str):
            fields[name] = value
        elif value.strip():
            fields[name] = _read(field, value.strip())
    return fields


def _read(field: Field, text: str) -> Any:
    if field.length == 1:
        return _one(field, text)
    items = text.removeprefix("[").removesuffix("]").split(",")
    return [_one(field, item.strip()) for item in items if item.strip()]


def _one(field: Field, text: str) -> Any:
    if field.type == "boolean":
        return _chosen(field, text.lower(), _TRUTHS)
    if field.enum and text in field.enum:
        return field.enum[text]
    try:
        value, unit = parse_quantity(text)
    except ValueError as error:
        if field.enum:
            return _chosen(field, text, field.enum)
        raise AuthorError(f"{field.name}={text}: a number is expected; {error}") from None
    if unit is not None and unit != field.unit:
        wanted = f"a number in {field.own_unit}" if field.unit else "a number without unit"
        raise AuthorError(f"{field.name}={text}: {wanted} is expected")
    own = value if unit is None else value / field.scale
    return int(own) if not field.is_real and own == int(own) else own


def _chosen(field: Field, text: str, known: Mapping[str, Any]) -> Any:
    if text not in known:
        words = f"{field.name}={text}: one of {', '.join(known)} is expected"
        raise AuthorError(words, suggestion=nearest(text, known))
    return known[text]
