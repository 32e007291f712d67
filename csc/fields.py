"""A field of a message: read from its sheet, and what its type holds.

Units become canonical when a sheet is read, the range is in them. A value is taken as its type holds it, or
refused with the name of the field and what is allowed.
"""

from __future__ import annotations

import math
import sys
from reprlib import Repr
from typing import Any

from csc.blueprint import Field
from csc.datasheet import FieldSheet
from csc.values import read_range, unit_scale
from fsm import AuthorError, Refused

__all__ = ["FLOAT_LIMIT", "TEXT_LIMIT", "WHOLE", "read_field", "shown", "take"]

WHOLE = {
    "byte": (-128, 255),
    "short": (-(2**15), 2**15 - 1),
    "int": (-(2**31), 2**31 - 1),
    "long": (-(2**31), 2**31 - 1),
    "long long": (-(2**63), 2**63 - 1),
    "unsigned int": (0, 2**32 - 1),
}
"""Least and largest value of each whole-number type."""
FLOAT_LIMIT = (2.0 - 2.0**-23) * 2.0**127
"""Largest value of a float, which has 32 bits."""
DOUBLE_LIMIT = sys.float_info.max
"""Largest value of a double, which has 64 bits."""
TEXT_LIMIT = 65536
"""Longest text, in characters. Chosen here: SAL sets none, Kafka carries 1 MB, the longest text in use has a few kB."""
_LARGEST_SHOWN = 2**128


class _Short(Repr):
    """Shows a value of any size and depth in one line."""

    def repr_int(self, x: int, level: int) -> str:
        return repr(x) if abs(x) < _LARGEST_SHOWN else f"an integer of {x.bit_length()} bits"


_SHORT = _Short()
_SHORT.maxstring = _SHORT.maxother = 80
_SHORT.maxlevel = 3


def shown(value: Any) -> str:
    """Show a value that somebody sent; however large it is, the text is short."""
    return _SHORT.repr(value)


def read_field(name: str, sheet: FieldSheet) -> Field:
    """Read a field of a message.

    Raises
    ------
    AuthorError
        If its unit does not exist, its range is no range in its unit, or it has a value, as only the field of an
        event or of telemetry may have.
    """
    if sheet.value is not None:
        raise AuthorError(f"{name} cannot have a value: only a field of an event or of telemetry always says the same")
    unit, scale = unit_scale(sheet.unit)
    return Field(
        name=name,
        type=sheet.type,
        unit=unit,
        own_unit=sheet.unit,
        scale=scale,
        length=sheet.length,
        range=read_range(sheet.range, unit),
        enum=sheet.enum,
        bits=sheet.bits,
        stamp=sheet.stamp,
        meaning=sheet.meaning,
    )


def take(owner: str, field: Field, value: Any) -> Any:
    """Take a value for a field; a list that is too short is filled up with SAL's default.

    Parameters
    ----------
    owner
        The command or topic, for the text of a refusal.

    Raises
    ------
    Refused
        If the value is of another type, too large for it, out of range, or none of the enumeration.
    """
    if field.length == 1 or field.type == "string":
        return _one(owner, field, value)
    if not isinstance(value, (list, tuple)) or len(value) > field.length:
        raise _refusal(owner, field, value, f"must be a list of at most {field.length}")
    filled = [_one(owner, field, item) for item in value]
    default = field.default
    return (*filled, *(default[len(filled) :] if isinstance(default, tuple) else ()))


def _refusal(owner: str, field: Field, value: Any, why: str) -> Refused:
    return Refused(f"{owner}.{field.name}={shown(value)} {why}")


def _one(owner: str, field: Field, value: Any) -> Any:
    if field.type == "string":
        return _text(owner, field, value)
    if field.type == "boolean":
        if not isinstance(value, (bool, int)) or value not in (0, 1):
            raise _refusal(owner, field, value, "must be true or false")
        return bool(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value or abs(value) == math.inf:
        raise _refusal(owner, field, value, "must be a number")
    number = _whole(owner, field, value) if field.type in WHOLE else _real(owner, field, value)
    if field.range is not None and not field.range[0] <= number * field.scale <= field.range[1]:
        unit = f" {field.unit}" if field.unit else ""
        raise _refusal(owner, field, value, f"not in range [{field.range[0]:g}, {field.range[1]:g}]{unit}")
    if field.enum is not None and number not in field.enum.values():
        allowed = ", ".join(f"{key} {each}" for key, each in field.enum.items())
        raise _refusal(owner, field, value, f"must be one of {allowed}")
    return number


def _text(owner: str, field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise _refusal(owner, field, value, "must be text")
    if len(value) > TEXT_LIMIT:
        raise _refusal(owner, field, value, f"is {len(value)} characters long; at most {TEXT_LIMIT} are taken")
    if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise _refusal(owner, field, value, "must be text; it holds half a character (a lone surrogate)")
    return value


def _whole(owner: str, field: Field, value: float) -> int:
    low, high = WHOLE[field.type]
    if value != int(value) or not low <= value <= high:
        raise _refusal(owner, field, value, f"must be a whole number in [{low}, {high}]")
    return int(value)


def _real(owner: str, field: Field, value: float) -> float:
    limit = FLOAT_LIMIT if field.type == "float" else DOUBLE_LIMIT
    if abs(value) > limit:
        raise _refusal(owner, field, value, f"is more than a {field.type} holds, {limit:.3g}")
    return float(value)
