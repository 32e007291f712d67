from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsm.conditions import UnitError, canonical_unit, format_quantity, parse_quantity
from fsm.conditions.units import CANONICAL, combine_units, nearest_unit


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("900 s", 900.0, "s"),
        ("15 min", 900.0, "s"),
        ("1.5h", 5400.0, "s"),
        ("90 arcsec", 0.025, "deg"),
        ("3.141592653589793 rad", 180.0, "deg"),
        ("300 kPa", 300000.0, "Pa"),
        ("12 mm", 12.0, "mm"),
        ("0.5 m", 500.0, "mm"),
        ("550 nm", 550.0, "nm"),
        ("5 mm/s", 0.005, "m/s"),
        ("-2 deg/s2", -2.0, "deg/s2"),
        ("20 %", 20.0, "%"),
        ("1.2 kW", 1200.0, "W"),
        ("-8.5e-3", -0.0085, None),
        (" 3 ", 3.0, None),
    ],
)
def test_quantity_is_read_in_canonical_units(text, value, unit):
    assert parse_quantity(text)[0] == pytest.approx(value)
    assert parse_quantity(text)[1] == unit


@pytest.mark.parametrize("text", ["", "deg", "3 deg 4", "nan", "1e999 s", "3 4", "--3"])
def test_text_that_is_no_quantity_is_refused(text):
    with pytest.raises(ValueError, match=r"is not a quantity|there is no unit"):
        parse_quantity(text)


def test_unknown_unit_is_a_unit_error():
    with pytest.raises(UnitError, match="there is no unit furlong"):
        parse_quantity("3 furlong")


@pytest.mark.parametrize(
    ("spelling", "unit"),
    [("Celsius", "deg_C"), ("deg / second", "deg/s"), ("arcsec / s", "deg/s"), ("l/min", "L/min"), ("percent", "%")],
)
def test_spelling_of_sal_is_understood(spelling, unit):
    assert canonical_unit(spelling)[1] == unit


def test_celsius_and_kelvin_do_not_convert():
    assert canonical_unit("deg_C") == (1.0, "deg_C")
    assert canonical_unit("K") == (1.0, "K")


@pytest.mark.parametrize(("wrong", "right"), [("Deg", "deg"), ("Kpa", "kPa"), ("hours", "hour"), ("furlong", None)])
def test_nearest_unit_is_suggested(wrong, right):
    assert nearest_unit(wrong) == right


@pytest.mark.parametrize(
    ("left", "operator", "right", "scale", "unit"),
    [
        ("deg", "/", "deg/s", 1.0, "s"),
        ("m/s", "*", "s", 1000.0, "mm"),
        ("mm", "/", "s", 0.001, "m/s"),
        ("V", "*", "A", 1.0, "W"),
        ("deg", "/", "deg", 1.0, None),
        (None, "/", "s", 1.0, "Hz"),
        ("adu", "*", "electron/adu", 1.0, "electron"),
        ("deg_C", "*", None, 1.0, "deg_C"),
    ],
)
def test_product_of_units_has_a_unit(left, operator, right, scale, unit):
    assert combine_units(left, operator, right)[0] == pytest.approx(scale)
    assert combine_units(left, operator, right)[1] == unit


def test_product_without_a_unit_is_refused():
    with pytest.raises(UnitError, match=r"deg \* deg_C has no unit here"):
        combine_units("deg", "*", "deg_C")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (4312.0, "adu", "4312 adu"),
        (0.1 + 0.2, "deg", "0.3 deg"),
        (1234567.8, "adu", "1234568 adu"),
        (3, None, "3"),
        (math.inf, "s", "inf s"),
        (1e22, "Pa", "1e+22 Pa"),
    ],
)
def test_quantity_is_written_for_people(value, unit, text):
    assert format_quantity(value, unit) == text


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([None, *CANONICAL]))
def test_exact_quantity_reads_back_the_same(value, unit):
    assert parse_quantity(format_quantity(value, unit, exact=True)) == (value, unit)
