"""A value as people type it, read as a field of a message holds it: `3deg`, `open`, `[1, 2]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csc.blueprint import Field
from fsm import AuthorError, nearest, parse_quantity

__all__ = ["kind_of", "read_value"]

_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def kind_of(field: Field) -> str:
    """Return the type of a field with its unit, ``float [deg]``."""
    length = f" × {field.length}" if field.length > 1 and field.type != "string" else ""
    return f"{field.type}{length}" + (f" [{field.sent_unit}]" if field.sent_unit else "")


def read_value(field: Field, text: str) -> Any:
    """Return the value that a text stands for, in the field's own unit; whether it is allowed is not asked here.

    Parameters
    ----------
    text
        A number may have a unit, and is otherwise in the field's own one. A list has commas between its values. A
        number that has names may be given by its name.

    Raises
    ------
    AuthorError
        If the text cannot be of the field's type.
    """
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
        words = f"{field.name}={text}: one of {', '.join(known)} is expected"
        raise AuthorError(words, suggestion=nearest(text, known))
    return known[text]
