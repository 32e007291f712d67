"""Values of a command's fields as a form gives them: some are numbers, some are texts with a unit or a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csc import Command
from csc.typed import read_value

__all__ = ["read_fields"]


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
            fields[name] = read_value(field, value.strip())
    return fields
