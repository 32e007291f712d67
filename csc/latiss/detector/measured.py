"""Numbers of data files that carry their unit and their source."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BeforeValidator

__all__ = ["measured"]


def measured(unit: str) -> BeforeValidator:
    """Take the value out of a mapping of value, unit and source; any other unit is a mistake."""

    def value(quantity: object) -> object:
        if not isinstance(quantity, Mapping) or set(quantity) != {"value", "unit", "source"}:
            raise ValueError("needs value, unit and source")
        if quantity["unit"] != unit:
            raise ValueError(f"is in {quantity['unit']}; expected {unit}")
        return quantity["value"]

    return BeforeValidator(value)
