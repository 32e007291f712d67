"""Values as authors write them: `900 s`, 3, text, true, a list; and whether they suit a parameter.

Units become canonical here. A value of another kind or unit than a parameter's default, outside its range
or none of its choices is refused, wherever it is written: in a data sheet, an observatory, a scenario.
"""

from __future__ import annotations

from typing import Any

from csc.blueprint import Parameter
from fsm import AuthorError, Value, format_quantity, nearest, parse_quantity
from fsm.conditions import UnitError, canonical_unit, nearest_unit

__all__ = ["check_value", "parse_value", "read_range", "read_value", "unit_scale"]


def parse_value(raw: Any) -> tuple[Value, str | None]:
    """Read a value as an author writes it.

    Returns
    -------
    value, unit
        In the canonical unit; the unit is None for all but quantities.
    """
    if isinstance(raw, list | tuple):
        return tuple(parse_value(item)[0] for item in raw), None
    if isinstance(raw, str):
        try:
            return parse_quantity(raw)
        except ValueError:
            return raw, None
    return raw, None


def unit_scale(unit: str | None) -> tuple[str | None, float]:
    """Return the canonical unit of `unit`, and the factor that leads there.

    Raises
    ------
    AuthorError
        If there is no such unit.
    """
    if unit is None:
        return None, 1.0
    try:
        scale, canonical = canonical_unit(unit)
    except UnitError as error:
        raise AuthorError(str(error), suggestion=nearest_unit(unit)) from error
    return canonical, scale


def read_range(raw: tuple[str, str] | None, unit: str | None) -> tuple[float, float] | None:
    """Read a closed interval whose ends have the canonical `unit`.

    Raises
    ------
    AuthorError
        If an end is no quantity in that unit, or the interval is empty.
    """
    if raw is None:
        return None
    low, high = (_quantity(text, unit) for text in raw)
    if low > high:
        raise AuthorError(f"the range [{raw[0]}, {raw[1]}] is empty")
    return low, high


def read_value(plan: Parameter, raw: Any) -> Value:
    """Read a value for a parameter.

    Raises
    ------
    AuthorError
        If it does not suit the parameter.
    """
    value, unit = (raw, None) if isinstance(plan.default, str) else parse_value(raw)
    if _kind(value) == "number" == _kind(plan.default) and unit != plan.unit:
        raise AuthorError(f"{plan.name}={raw}: {_wanted(plan)} is expected")
    check_value(plan, value)
    return value


def check_value(plan: Parameter, value: Value) -> None:
    """Check that a value in the canonical unit suits a parameter.

    Raises
    ------
    AuthorError
        If it is of another kind, out of range, or none of the choices; says what is expected.
    """
    if plan.default is not None and _kind(value) != _kind(plan.default):
        raise AuthorError(f"{plan.name}={value!r}: {_wanted(plan)} is expected")
    if plan.choices is not None and value not in plan.choices:
        raise AuthorError(
            f"{plan.name}={value} is none of {', '.join(plan.choices)}", suggestion=nearest(str(value), plan.choices)
        )
    if plan.range is not None and isinstance(value, int | float):
        low, high = plan.range
        if not low <= value <= high:
            shown, least, most = (format_quantity(number, plan.unit) for number in (value, low, high))
            raise AuthorError(f"{plan.name}={shown} is not in range [{least}, {most}]")


def _quantity(text: str, unit: str | None) -> float:
    try:
        value, found = parse_quantity(text)
    except ValueError as error:
        raise AuthorError(str(error)) from error
    if found != unit:
        raise AuthorError(f"{text}: {f'a quantity in {unit}' if unit else 'a number without unit'} is expected")
    return value


def _kind(value: Value) -> str:
    if isinstance(value, bool):
        return "truth value"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "list" if isinstance(value, tuple | list) else "mapping"


def _wanted(plan: Parameter) -> str:
    kind = _kind(plan.default)
    if kind != "number":
        return f"a {kind}" if kind != "text" else "text"
    return f"a quantity in {plan.unit}" if plan.unit else "a number without unit"
