"""What a field of a command must refuse: written down from its plan, type by type."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from csc import Command, Field
from csc.fields import DOUBLE_LIMIT, FLOAT_LIMIT, TEXT_LIMIT, WHOLE

__all__ = ["missing", "wrong_messages", "wrong_values"]

HUGE = 100_000
"""Length of an oversized text or array."""
NO_NUMBERS: tuple[Any, ...] = (math.nan, math.inf, -math.inf, "1", "", None, True, {}, [1], b"1", 1j)
NO_WHOLE_NUMBERS: tuple[Any, ...] = (1.5, 2**70, -(2**70), 10**5000)
NO_TEXTS: tuple[Any, ...] = (
    1,
    1.5,
    math.nan,
    None,
    True,
    b"text",
    ["text"],
    {},
    "\ud800",
    "x" * HUGE,
    "\U0001f52d" * HUGE,
)
NO_TRUTH_VALUES: tuple[Any, ...] = (2, -1, 0.5, math.nan, "true", "", None, [], [True], 2**70)
NO_ARRAYS: tuple[Any, ...] = (1, 1.5, math.nan, "text", None, True, {})


def wrong_values(field: Field) -> Iterator[Any]:
    """Yield values that a field must refuse."""
    if field.length == 1 or field.type == "string":
        yield from _wrong_ones(field)
        return
    yield from NO_ARRAYS
    one = False if field.type == "boolean" else 0
    yield [one] * (field.length + 1)
    yield [one] * HUGE
    for value in _wrong_ones(field):
        yield [value]


def _wrong_ones(field: Field) -> Iterator[Any]:
    if field.type == "string":
        yield from NO_TEXTS
        yield "x" * (TEXT_LIMIT + 1)
        return
    if field.type == "boolean":
        yield from NO_TRUTH_VALUES
        return
    yield from NO_NUMBERS
    if field.type in WHOLE:
        least, most = WHOLE[field.type]
        yield from (*NO_WHOLE_NUMBERS, least - 1, most + 1)
    else:
        limit = FLOAT_LIMIT if field.type == "float" else DOUBLE_LIMIT
        yield from (10**400, -(10**5000), int(limit) * 2, -int(limit) * 2)
    if field.range is not None:
        low, high = (end / field.scale for end in field.range)
        step = 1 if field.type in WHOLE else max(1e-6, 1e-6 * abs(high - low))
        yield from (low - step, high + step)
    if field.enum is not None:
        yield max(field.enum.values()) + 1
        yield min(field.enum.values()) - 1


def missing(command: Command) -> Iterator[str]:
    """Yield the fields that a command cannot do without: SAL's default, a zero, is none of their values."""
    for field in command.fields.values():
        out = field.range is not None and not field.range[0] <= 0 <= field.range[1]
        if out or (field.enum is not None and 0 not in field.enum.values()):
            yield field.name


def wrong_messages() -> Iterator[tuple[Any, str]]:
    """Yield what is no message of any command, and what the refusal says of it."""
    yield None, "fields with their values"
    yield [], "fields with their values"
    yield "azimuth", "fields with their values"
    yield 5, "fields with their values"
    yield {"nobody_has_this": 1}, "nobody_has_this"
    yield {"nobody_has_this": _nested(900)}, "nobody_has_this"
    yield {"x" * HUGE: 1}, "has no field 'xxx"
    yield {"\ud800": 1}, r"has no field '\ud800'"
    yield {5: 1}, "has no field 5"
    yield {None: 1}, "has no field None"


def _nested(levels: int) -> Mapping[str, Any]:
    value: Any = 1
    for _ in range(levels):
        value = {"in": value}
    return {"in": value}
