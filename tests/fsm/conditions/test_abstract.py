"""Judging many situations at once: never a truth left out that one of them has."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsm import NULL, Name, Value, parse_condition
from fsm.conditions import ANYTHING, Possible, between, exactly, join_all, judge, narrow, one_of
from tests.fsm.conditions.stage import Now, Stage
from tests.fsm.conditions.texts import conditions, moments


class Guess:
    """What names may be: everything that they are in some moments, and more."""

    def __init__(self, known: Mapping[str, Possible]) -> None:
        self._known = known

    def possible(self, name: Name) -> Possible | Mapping[Name, Possible]:
        return self._known.get(str(name), ANYTHING)


def guess_of(situations: list[dict[str, Value]], *, wide: bool) -> Guess:
    """What is in all of these situations, as the interval around all numbers if `wide`."""
    known = {}
    for name in situations[0]:
        values = [situation[name] for situation in situations]
        if any(isinstance(value, Mapping) for value in values):
            continue  # a group: anything
        joined = join_all(exactly(value) for value in values)
        hull = joined.hull
        known[name] = between(*hull, unknown=joined.unknown) if wide and hull is not None else joined
    return Guess(known)


@given(text=conditions, situations=st.lists(moments, min_size=1, max_size=3), wide=st.booleans())
def test_no_truth_is_left_out(text, situations, wide):
    condition = parse_condition(text, Stage())

    truths = judge(condition, guess_of(situations, wide=wide))

    assert {condition.evaluate(Now(situation)) for situation in situations} <= truths


@given(text=conditions, situations=st.lists(moments, min_size=1, max_size=3), wide=st.booleans(), holds=st.booleans())
def test_no_situation_is_narrowed_away(text, situations, wide, holds):
    condition = parse_condition(text, Stage())
    guess = guess_of(situations, wide=wide)

    narrowed = narrow(condition, guess, holds=holds)

    for situation in situations:
        if (condition.evaluate(Now(situation)) is True) is holds:
            assert narrowed is not None
            assert all(stands_for(possible, situation[str(name)]) for name, possible in narrowed.items())


def stands_for(possible: Possible, value: Value) -> bool:
    return (isinstance(value, float) and math.isnan(value)) or possible.may_be(value)


POSSIBLE = {
    "ATDome": one_of(["ENABLED", "DISABLED"]),
    "ATDome.azimuth": between(0.0, 360.0),
    "ATDome.main_door": exactly("CLOSED"),
    "ATWhiteLight.lamp": one_of(["WARMUP", "ON"], unknown=True),
    "ATWhiteLight.power": between(800.0, 1200.0),
    "config.filter": exactly(NULL),
}


@pytest.mark.parametrize(
    ("text", "truths"),
    [
        ("ATDome.main_door is CLOSED", {True}),
        ("ATDome is ENABLED", {True, False}),
        ("ATDome is not FAULT", {True}),
        ("ATWhiteLight.lamp is in [WARMUP, ON]", {True, None}),
        ("ATWhiteLight.lamp is OFF", {False, None}),
        ("ATWhiteLight.power > 700 W", {True}),
        ("ATWhiteLight.power in [0 W, 700 W]", {False}),
        ("ATWhiteLight.power within 30 % of 1 kW", {True}),
        ("ATDome.azimuth within 0.5 deg of 3 deg", {True, False}),
        ("ATDome.main_door is CLOSED or ATDome is ENABLED", {True}),
        ("config.filter != null", {False}),
    ],
)
def test_truths_are_as_few_as_what_is_known_allows(text, truths):
    assert judge(parse_condition(text, Stage()), Guess(POSSIBLE)) == truths


@pytest.mark.parametrize(
    ("text", "holds", "narrowed"),
    [
        ("ATDome is ENABLED", True, {"ATDome": exactly("ENABLED")}),
        ("ATDome is ENABLED", False, {"ATDome": exactly("DISABLED")}),
        ("not ATDome is ENABLED", True, {"ATDome": exactly("DISABLED")}),
        ("ATDome.azimuth within 0.5 deg of 3 deg", True, {"ATDome.azimuth": between(2.5, 3.5)}),
        ("ATWhiteLight.power >= 1 kW and ATDome is ENABLED", True,
         {"ATWhiteLight.power": between(1000.0, 1200.0), "ATDome": exactly("ENABLED")}),
        ("ATWhiteLight.lamp is ON or ATWhiteLight.lamp is WARMUP and ATDome is ENABLED", True,
         {"ATWhiteLight.lamp": one_of(["ON", "WARMUP"])}),
        ("known(ATWhiteLight.lamp)", False, {"ATWhiteLight.lamp": Possible(frozenset(), unknown=True)}),
        ("ATDome is FAULT", True, None),
        ("ATDome.main_door is CLOSED", False, None),
    ],
)  # fmt: skip
def test_narrowing_learns_what_follows(text, holds, narrowed):
    found = narrow(parse_condition(text, Stage()), Guess(POSSIBLE), holds=holds)

    assert (None if found is None else {str(name): value for name, value in found.items()}) == narrowed
