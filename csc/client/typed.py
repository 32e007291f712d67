"""Values of a command's fields as they are typed: `azimuth=3deg`, `open=true`, `program=[1, 2]`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from csc.blueprint import Command
from csc.typed import read_value
from fsm import AuthorError, nearest

__all__ = ["read_typed"]


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
        fields[name] = read_value(field, value)
    return fields
