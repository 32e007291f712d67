"""Values of a command's fields as they are typed: `azimuth=3deg`, `open=true`, `program=[1, 2]`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from csc.blueprint import Command, Field
from csc.client.words import kind_of, meant
from fsm import AuthorError, nearest, parse_quantity

__all__ = ["read_typed"]

_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def read_typed(command: Command, texts: Iterable[str]) -> dict[str, Any]:
    """Read ``field=value`` pairs; whether a value is allowed is for the component to say.

    Parameters
    ----------
    texts
        A number may have a unit, and is otherwise in the field's own one. A list has commas between its values. A
        number that has names may be given by its name.

    Returns
    -------
    dict
        Values in the fields' own units, as SAL has them.

    Raises
    ------
    AuthorError
        If the command has no such field (names the nearest), or a value cannot be of the field's type.
    """
    fields: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise AuthorError(f"{command.name} {text}: a field is written name=value")
        if name in fields:
            raise AuthorError(f"{command.name}: {name} is set twice")
        field = command.fields.get(name)
        if field is None:
            hint = nearest(name, command.fields)
            known = f"; it has {', '.join(command.fields) or 'none'}" if hint is None else ""
            raise AuthorError(f"{command.name} has no field {name}{known}", suggestion=hint)
        fields[name] = _value(field, value)
    return fields


def _value(field: Field, text: str) -> Any:
    if field.type == "string":
        return text
    if field.length == 1:
        return _one(field, text.strip())
    items = text.strip().removeprefix("[").removesuffix("]")
    return [_one(field, item.strip()) for item in items.split(",")] if items.strip() else []


def _one(field: Field, text: str) -> Any:
    if field.type == "boolean":
        return _chosen(field, text.lower(), _TRUTHS)
    if field.enum and text in field.enum:
        return field.enum[text]
    try:
        value, unit = parse_quantity(text)
    except ValueError as error:
        if field.enum and not text[:1].isdigit():
            return _chosen(field, text, field.enum)
        raise AuthorError(f"{field.name}={text}: {kind_of(field)} is expected; {error}") from None
    if unit is not None and unit != field.unit:
        wanted = f"a number in {field.own_unit}" if field.unit else "a number without unit"
        raise AuthorError(f"{field.name}={text}: {wanted} is expected")
    own = value if unit is None else value / field.scale
    return int(own) if not field.is_real and own == int(own) else own


def _chosen(field: Field, text: str, known: Mapping[str, Any]) -> Any:
    if text not in known:
        raise AuthorError(f"{field.name}={text}: one of {', '.join(known)} is expected{meant(text, known)}")
    return known[text]
