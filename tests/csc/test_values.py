from __future__ import annotations

from typing import Any

import pytest

from csc import Parameter, parse_value
from csc.values import check_value, read_value
from fsm import AuthorError

WARMUP = Parameter(name="warmup", default=10.0, unit="s", range=(1.0, 3600.0))
MODE = Parameter(name="mode", default="fast", choices=("fast", "slow"))
PATH = Parameter(name="path", default="here")
FLAG = Parameter(name="flag", default=True)
LIST = Parameter(name="list", default=(1.0, 2.0))


@pytest.mark.parametrize(
    ("raw", "value", "unit"),
    [
        ("900 s", 900.0, "s"),
        ("15 min", 900.0, "s"),
        ("-3 arcmin", -0.05, "deg"),
        ("20 %", 20.0, "%"),
        (3, 3, None),
        (3.5, 3.5, None),
        (True, True, None),
        (None, None, None),
        ("fast", "fast", None),
        ("3 cheers", "3 cheers", None),
        (["1 s", "1 min"], (1.0, 60.0), None),
    ],
)
def test_a_value_is_read_in_its_canonical_unit(raw: Any, value: Any, unit: str | None) -> None:
    assert parse_value(raw) == (value, unit)


@pytest.mark.parametrize(
    ("plan", "raw", "value"),
    [
        (WARMUP, "1 min", 60.0),
        (MODE, "slow", "slow"),
        (PATH, "3 s", "3 s"),
        (FLAG, False, False),
        (LIST, [3, 4], (3, 4)),
    ],
)
def test_a_value_that_suits_its_parameter_is_read(plan: Parameter, raw: Any, value: Any) -> None:
    assert read_value(plan, raw) == value


@pytest.mark.parametrize(
    ("plan", "raw", "message"),
    [
        (WARMUP, "60 deg", r"^warmup=60 deg: a quantity in s is expected$"),
        (WARMUP, 60, r"^warmup=60: a quantity in s is expected$"),
        (WARMUP, "long", r"^warmup='long': a quantity in s is expected$"),
        (WARMUP, True, r"^warmup=True: a quantity in s is expected$"),
        (WARMUP, "2 h", r"^warmup=7200 s is not in range \[1 s, 3600 s\]$"),
        (MODE, "slwo", r"^mode=slwo is none of fast, slow; did you mean slow\?$"),
        (MODE, 3, r"^mode=3: text is expected$"),
        (FLAG, "yes", r"^flag='yes': a truth value is expected$"),
        (FLAG, 1, r"^flag=1: a truth value is expected$"),
        (LIST, 3, r"^list=3: a list is expected$"),
    ],
)
def test_a_value_that_does_not_suit_its_parameter_is_refused(plan: Parameter, raw: Any, message: str) -> None:
    with pytest.raises(AuthorError, match=message):
        read_value(plan, raw)


def test_a_parameter_without_default_takes_anything() -> None:
    check_value(Parameter(name="any", default=None), "text")
