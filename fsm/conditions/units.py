"""Units: reading, converting to the canonical ones, and their products.

Inside, every quantity is in a canonical unit, so that numbers compare without a thought. Degrees Celsius
and Kelvin are different units and do not convert: a temperature and a difference look alike in a file.
A wavelength [nm] and a length [mm] are kept apart for the same reason.
"""

from __future__ import annotations

import math
import re
from functools import cache, lru_cache

from fsm.document import nearest

__all__ = [
    "CANONICAL",
    "UnitError",
    "canonical_unit",
    "combine_units",
    "format_quantity",
    "nearest_unit",
    "parse_quantity",
]

# Canonical unit -> (size in the base units, powers of the base units).
CANONICAL: dict[str, tuple[float, dict[str, int]]] = {
    "deg": (1.0, {"deg": 1}),
    "s": (1.0, {"s": 1}),
    "deg_C": (1.0, {"deg_C": 1}),
    "K": (1.0, {"K": 1}),
    "adu": (1.0, {"adu": 1}),
    "electron": (1.0, {"electron": 1}),
    "Pa": (1.0, {"Pa": 1}),
    "mm": (1e-3, {"m": 1}),
    "nm": (1.0, {"nm": 1}),
    "pixel": (1.0, {"pixel": 1}),
    "V": (1.0, {"V": 1}),
    "A": (1.0, {"A": 1}),
    "W": (1.0, {"V": 1, "A": 1}),
    "VA": (1.0, {"VA": 1}),
    "kg": (1.0, {"kg": 1}),
    "N": (1.0, {"N": 1}),
    "lx": (1.0, {"lx": 1}),
    "byte": (1.0, {"byte": 1}),
    "%": (1.0, {"%": 1}),
    "rpm": (1.0, {"rpm": 1}),
    "Hz": (1.0, {"s": -1}),
    "m/s": (1.0, {"m": 1, "s": -1}),
    "m/s2": (1.0, {"m": 1, "s": -2}),
    "deg/s": (1.0, {"deg": 1, "s": -1}),
    "deg/s2": (1.0, {"deg": 1, "s": -2}),
    "deg/s3": (1.0, {"deg": 1, "s": -3}),
    "deg/pixel": (1.0, {"deg": 1, "pixel": -1}),
    "deg_C/s": (1.0, {"deg_C": 1, "s": -1}),
    "deg/mm": (1e3, {"deg": 1, "m": -1}),
    "deg/V": (1.0, {"deg": 1, "V": -1}),
    "s/deg": (1.0, {"s": 1, "deg": -1}),
    "mm/deg": (1e-3, {"m": 1, "deg": -1}),
    "mm/pixel": (1e-3, {"m": 1, "pixel": -1}),
    "nm/pixel": (1.0, {"nm": 1, "pixel": -1}),
    "adu/s": (1.0, {"adu": 1, "s": -1}),
    "electron/s": (1.0, {"electron": 1, "s": -1}),
    "electron/adu": (1.0, {"electron": 1, "adu": -1}),
    "Pa/s": (1.0, {"Pa": 1, "s": -1}),
    "V/s": (1.0, {"V": 1, "s": -1}),
    "W/s": (1.0, {"V": 1, "A": 1, "s": -1}),
    "byte/s": (1.0, {"byte": 1, "s": -1}),
    "%/s": (1.0, {"%": 1, "s": -1}),
    "L/min": (1.0, {"L/min": 1}),
}

# Other spelling or unit -> (factor, canonical unit).
_OTHER: dict[str, tuple[float, str]] = {
    "us": (1e-6, "s"),
    "ms": (1e-3, "s"),
    "second": (1.0, "s"),
    "min": (60.0, "s"),
    "h": (3600.0, "s"),
    "hour": (3600.0, "s"),
    "day": (86400.0, "s"),
    "year": (365.25 * 86400.0, "s"),
    "degree": (1.0, "deg"),
    "arcmin": (1.0 / 60.0, "deg"),
    "arcsec": (1.0 / 3600.0, "deg"),
    "mas": (1.0 / 3.6e6, "deg"),
    "rad": (math.degrees(1.0), "deg"),
    "Celsius": (1.0, "deg_C"),
    "hPa": (100.0, "Pa"),
    "kPa": (1e3, "Pa"),
    "MPa": (1e6, "Pa"),
    "mbar": (100.0, "Pa"),
    "bar": (1e5, "Pa"),
    "Torr": (101325.0 / 760.0, "Pa"),
    "psi": (6894.757293168361, "Pa"),
    "psia": (6894.757293168361, "Pa"),
    "um": (1e-3, "mm"),
    "µm": (1e-3, "mm"),
    "micron": (1e-3, "mm"),
    "millimeter": (1.0, "mm"),
    "cm": (10.0, "mm"),
    "m": (1e3, "mm"),
    "meter": (1e3, "mm"),
    "km": (1e6, "mm"),
    "nanometer": (1.0, "nm"),
    "mV": (1e-3, "V"),
    "kV": (1e3, "V"),
    "Volt": (1.0, "V"),
    "uA": (1e-6, "A"),
    "mA": (1e-3, "A"),
    "ampere": (1.0, "A"),
    "mW": (1e-3, "W"),
    "kW": (1e3, "W"),
    "Watt": (1.0, "W"),
    "g": (1e-3, "kg"),
    "kN": (1e3, "N"),
    "mHz": (1e-3, "Hz"),
    "kHz": (1e3, "Hz"),
    "MHz": (1e6, "Hz"),
    "kB": (1e3, "byte"),
    "MB": (1e6, "byte"),
    "GB": (1e9, "byte"),
    "TB": (1e12, "byte"),
    "Gbyte": (1e9, "byte"),
    "percent": (1.0, "%"),
    "km/h": (1.0 / 3.6, "m/s"),
    "km/s": (1e3, "m/s"),
    "mm/s": (1e-3, "m/s"),
    "um/s": (1e-6, "m/s"),
    "deg/min": (1.0 / 60.0, "deg/s"),
    "deg/h": (1.0 / 3600.0, "deg/s"),
    "arcmin/s": (1.0 / 60.0, "deg/s"),
    "arcsec/s": (1.0 / 3600.0, "deg/s"),
    "arcsec/year": (1.0 / 3600.0 / (365.25 * 86400.0), "deg/s"),
    "rad/s": (math.degrees(1.0), "deg/s"),
    "arcsec/pixel": (1.0 / 3600.0, "deg/pixel"),
    "deg_C/min": (1.0 / 60.0, "deg_C/s"),
    "deg_C/h": (1.0 / 3600.0, "deg_C/s"),
    "l/min": (1.0, "L/min"),
    "liter/min": (1.0, "L/min"),
}
_SPELLED_OUT = {"degree": "deg", "second": "s", "percent": "%"}
_QUANTITY = re.compile(r"\s*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*(\S.*?)?\s*")


class UnitError(ValueError):
    """A unit does not exist, or a product of units has no name here."""


@lru_cache(maxsize=512)
def canonical_unit(unit: str) -> tuple[float, str]:
    """Return the factor to the canonical unit, and that unit.

    SAL's spellings are understood too: ``Celsius``, ``deg / second``.

    Raises
    ------
    UnitError
        If there is no such unit.

    Examples
    --------
    >>> canonical_unit("min")
    (60.0, 's')
    """
    if unit in CANONICAL:
        return 1.0, unit
    if unit in _OTHER:
        return _OTHER[unit]
    parts = [_SPELLED_OUT.get(part.strip(), part.strip()) for part in unit.split("/")]
    joined = "/".join(parts)
    if joined != unit:
        return canonical_unit(joined)
    raise UnitError(f"there is no unit {unit}")


def nearest_unit(unit: str) -> str | None:
    """Return the spelling of a unit nearest to one that does not exist."""
    return nearest(unit, [*CANONICAL, *_OTHER])


def parse_quantity(text: str) -> tuple[float, str | None]:
    """Read a number with its unit.

    Returns
    -------
    value
        In the canonical unit.
    unit
        The canonical unit; None if the text has none.

    Raises
    ------
    ValueError
        If the text is not a number and a unit (then a `UnitError` if it is the unit that is wrong).

    Examples
    --------
    >>> parse_quantity("15 min")
    (900.0, 's')
    """
    match = _QUANTITY.fullmatch(text)
    if match is None or not math.isfinite(value := float(match[1])):
        raise ValueError(f"{text!r} is not a quantity such as 1.5 deg")
    if match[2] is None:
        return value, None
    factor, unit = canonical_unit(match[2])
    return value * factor, unit


def format_quantity(value: float, unit: str | None, *, exact: bool = False) -> str:
    """Write a number with its unit: for people with 6 digits, `exact` so that it reads back the same.

    Examples
    --------
    >>> format_quantity(0.1 + 0.2, "deg")
    '0.3 deg'
    """
    return f"{_digits(value, exact=exact)} {unit}" if unit else _digits(value, exact=exact)


def combine_units(left: str | None, operator: str, right: str | None) -> tuple[float, str | None]:
    """Return the factor and unit of a product (``*``) or quotient (``/``) of two canonical units.

    Raises
    ------
    UnitError
        If the result has no unit here.

    Examples
    --------
    >>> combine_units("m/s", "*", "s")
    (1000.0, 'mm')
    """
    sign = 1 if operator == "*" else -1
    left_size, left_powers = CANONICAL[left] if left else (1.0, {})
    right_size, right_powers = CANONICAL[right] if right else (1.0, {})
    powers = {
        base: power
        for base in left_powers | right_powers
        if (power := left_powers.get(base, 0) + sign * right_powers.get(base, 0))
    }
    size = left_size * right_size**sign
    if not powers:
        return size, None
    found = _by_powers().get(frozenset(powers.items()))
    if found is None:
        raise UnitError(f"{left or 'a number'} {operator} {right or 'a number'} has no unit here")
    return size / CANONICAL[found][0], found


@cache
def _by_powers() -> dict[frozenset[tuple[str, int]], str]:
    return {frozenset(powers.items()): unit for unit, (_, powers) in reversed(CANONICAL.items())}


def _digits(value: float, *, exact: bool) -> str:
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    if value.is_integer() and abs(value) < 1e15:
        return f"{value:.0f}"
    if exact:
        return repr(value)
    return f"{value:.6g}" if abs(value) < 1e6 else f"{value:.0f}" if abs(value) < 1e15 else f"{value:.6g}"
