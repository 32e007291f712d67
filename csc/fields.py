"""A field of a message, read from its sheet: units become canonical, the range is in them."""

from __future__ import annotations

from csc.blueprint import Field
from csc.datasheet import FieldSheet
from csc.values import read_range, unit_scale

__all__ = ["read_field"]


def read_field(name: str, sheet: FieldSheet) -> Field:
    """Read a field of a message.

    Raises
    ------
    AuthorError
        If its unit does not exist, or its range is no range in its unit.
    """
    unit, scale = unit_scale(sheet.unit)
    return Field(
        name=name,
        type=sheet.type,
        unit=unit,
        scale=scale,
        length=sheet.length,
        range=read_range(sheet.range, unit),
        enum=sheet.enum,
        stamp=sheet.stamp,
        meaning=sheet.meaning,
    )
