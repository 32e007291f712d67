from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fsm import NULL, Truth, Value, parse_condition, parse_expression
from tests.fsm.conditions.stage import STAGE, SUBJECTS, Now
from tests.fsm.conditions.texts import conditions, moments

TRUTHS = (False, None, True)
ORDER = {False: 0, None: 1, True: 2}


def truth(text: str, **values: Value) -> Truth:
    return parse_condition(text, STAGE).evaluate(Now({key.replace("__", "."): value for key, value in values.items()}))


def value(text: str, **values: Value) -> Value:
    return parse_expression(text, STAGE).evaluate(Now({key.replace("__", "."): each for key, each in values.items()}))


@pytest.mark.parametrize(("left", "right"), list(itertools.product(TRUTHS, TRUTHS)))
def test_and_is_the_lesser_and_or_the_greater_truth(left, right):
    values = {"entry": left, "ATDome__homing": right}

    assert truth("entry and ATDome.homing", **values) is min(left, right, key=ORDER.__getitem__)
    assert truth("entry or ATDome.homing", **values) is max(left, right, key=ORDER.__getitem__)


@pytest.mark.parametrize(("given_", "expected"), [(True, False), (False, True), (None, None)])
def test_not_keeps_the_unknown(given_, expected):
    assert truth("not ATDome.homing", ATDome__homing=given_) is expected


def test_and_asks_no_further_than_the_first_false_part():
    now = Now({"ATDome": "FAULT"})

    assert parse_condition("ATDome is ENABLED and ATDome.homing", STAGE).evaluate(now) is False
    assert now.asked == ["ATDome"]


@given(conditions, moments, st.sets(st.sampled_from(sorted(SUBJECTS))))
def test_what_is_decided_stays_so_when_more_becomes_known(text, values, hidden):
    condition = parse_condition(text, STAGE)
    known_later = condition.evaluate(Now(values))
    known_first = condition.evaluate(Now({key: each for key, each in values.items() if key not in hidden}))

    assert known_first is None or known_first is known_later


@given(conditions, moments)
@example("entry > 3", {"entry": 10**400})
@example("entry within 20 % of entry", {"entry": 10**400})
@example("entry * entry / 2 > 1e300", {"entry": 10**299})
@example("config.exp_times[entry] > 3 s", {"entry": math.inf, "config.exp_times": (1.0,)})
def test_condition_never_raises(text, values):
    condition = parse_condition(text, STAGE)

    assert condition.evaluate(Now(values)) in TRUTHS
    assert condition.explain(Now(values))


# States


@pytest.mark.parametrize(
    ("text", "state", "expected"),
    [
        ("ATWhiteLight.lamp is ON", "ON", True),
        ("ATWhiteLight.lamp is ON", "OFF", False),
        ("ATWhiteLight.lamp is ON", None, None),
        ("ATWhiteLight.lamp is not ON", "OFF", True),
        ("ATWhiteLight.lamp is not ON", None, None),
        ("ATWhiteLight.lamp is in [WARMUP, ON]", "WARMUP", True),
        ("ATWhiteLight.lamp is not in [WARMUP, ON]", "WARMUP", False),
    ],
)
def test_machine_is_in_a_state(text, state, expected):
    assert truth(text, ATWhiteLight__lamp=state) is expected


@pytest.mark.parametrize(
    ("text", "states", "expected"),
    [
        ("ATCS is ENABLED", ("ENABLED", "ENABLED"), True),
        ("ATCS is ENABLED", ("ENABLED", "FAULT"), False),
        ("ATCS is ENABLED", (None, "FAULT"), False),
        ("ATCS is ENABLED", (None, "ENABLED"), None),
        ("ATCS is ENABLED", (), None),
        ("ATCS is in [ENABLED, DISABLED]", ("ENABLED", "DISABLED"), True),
        ("ATCS is not FAULT", ("ENABLED", "DISABLED"), True),
        ("ATCS is not FAULT", ("ENABLED", "FAULT"), False),
        ("ATCS is not FAULT", ("ENABLED", None), None),
        ("not ATCS is FAULT", ("ENABLED", "FAULT"), True),
        ("known(ATCS)", ("ENABLED", None), False),
        ("known(ATCS)", ("ENABLED", "FAULT"), True),
    ],
)
def test_group_is_in_a_state_if_every_member_is(text, states, expected):
    assert truth(text, ATCS=dict(zip(("ATDome", "ATPtg"), states, strict=False))) is expected


# Numbers


@pytest.mark.parametrize(
    ("azimuth", "target", "expected"),
    [
        (3.0, 4.5, True),
        (3.0, 4.6, False),
        (359.5, 0.5, True),
        (0.5, 359.5, True),
        (-0.5, 359.5, True),
        (720.0, 1.5, True),
        (180.0, 0.0, False),
        (math.inf, 0.0, False),
        (math.nan, 0.0, None),
        (None, 0.0, None),
    ],
)
def test_angle_wraps_within(azimuth, target, expected):
    assert (
        truth("ATDome.azimuth within 1.5 deg of ATMCS.azimuth", ATDome__azimuth=azimuth, ATMCS__azimuth=target)
        is expected
    )


def test_angle_that_does_not_wrap_is_a_number():
    assert truth("ATMCS.azimuth within 1.5 deg of 360 deg", ATMCS__azimuth=0.5) is False
    assert truth("ATMCS.azimuth == 360 deg", ATMCS__azimuth=0.0) is False


def test_equal_angles_wrap():
    assert truth("ATDome.azimuth == 360 deg", ATDome__azimuth=0.0) is True
    assert truth("ATDome.azimuth != 360 deg", ATDome__azimuth=720.0) is False


@pytest.mark.parametrize(
    ("interval", "azimuth", "expected"),
    [
        ("[350 deg, 10 deg]", 355.0, True),
        ("[350 deg, 10 deg]", 10.0, True),
        ("[350 deg, 10 deg]", 180.0, False),
        ("[-10 deg, 10 deg]", 355.0, True),
        ("[10 deg, 350 deg]", 355.0, False),
        ("[0 deg, 360 deg]", 123.0, True),
    ],
)
def test_interval_of_angles_is_an_arc(interval, azimuth, expected):
    assert truth(f"ATDome.azimuth in {interval}", ATDome__azimuth=azimuth) is expected


@given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4), st.integers(-5, 5))
def test_full_turns_change_nothing(azimuth, target, turns):
    condition = parse_condition("ATDome.azimuth within 10 deg of ATMCS.azimuth", STAGE)
    once = condition.evaluate(Now({"ATDome.azimuth": azimuth, "ATMCS.azimuth": target}))
    later = condition.evaluate(Now({"ATDome.azimuth": azimuth + 360 * turns, "ATMCS.azimuth": target}))

    # Adding turns rounds, so only angles that are not at the very edge must agree.
    distance = abs(math.remainder(azimuth - target, 360.0))
    assert once is later or abs(distance - 10) < 1e-9


@pytest.mark.parametrize(
    ("text", "power", "expected"),
    [
        ("ATWhiteLight.power within 20 % of 1 kW", 1200.0, True),
        ("ATWhiteLight.power within 20 % of 1 kW", 1200.1, False),
        ("ATWhiteLight.power in [0.8 kW, 1200 W]", 800.0, True),
        ("ATWhiteLight.power in [0.8 kW, 1200 W]", 799.0, False),
        ("ATWhiteLight.power >= 800 W", 800, True),
        ("ATWhiteLight.power < 800 W", 800, False),
        ("ATWhiteLight.power > 800 W", math.nan, None),
        ("not ATWhiteLight.power > 800 W", math.nan, None),
        ("ATWhiteLight.power == 800 W", math.nan, None),
        ("ATWhiteLight.power > 800 W", "much", None),
        ("ATWhiteLight.power > 800 W", True, None),
    ],
)
def test_number_is_compared(text, power, expected):
    assert truth(text, ATWhiteLight__power=power) is expected


def test_percentage_of_a_percentage_is_absolute():
    assert truth("door.opening within 5 % of 100 %", door__opening=95.0) is True
    assert truth("door.opening within 5 % of 10 %", door__opening=5.0) is True


# Texts, null, lists


@pytest.mark.parametrize(
    ("text", "seen", "expected"),
    [
        ("config.filter == SDSSr_65mm", "SDSSr_65mm", True),
        ("config.filter == SDSSr_65mm", NULL, False),
        ("config.filter != SDSSr_65mm", NULL, True),
        ("config.filter == null", NULL, True),
        ("config.filter == null", "SDSSr_65mm", False),
        ("config.filter == null", None, None),
        ("config.filter != null", "SDSSr_65mm", True),
        ("config.filter in [a, b]", "b", True),
        ("config.filter in [a, b]", "c", False),
        ("config.filter not in [a, b]", None, None),
        ("known(config.filter)", NULL, True),
        ("unknown(config.filter)", None, True),
    ],
)
def test_text_is_compared(text, seen, expected):
    assert truth(text, config__filter=seen) is expected


@pytest.mark.parametrize(
    ("text", "entry", "expected"),
    [
        ("entry is ENABLED", "ENABLED", True),
        ("entry", True, True),
        ("entry", 1, None),
        ("entry == 1", True, False),
        ("entry > 3 s", 4, True),
        ("entry in [1, 3]", 2, True),
        ("entry in [a, b]", "a", True),
        ("entry in [a, b]", 3, False),
        ("entry in config.filters", "SDSSr_65mm", True),
        ("entry in config.filters", "i", False),
        ("':' in entry", "OCPS:1", True),
        ("':' in entry", "ATDome", False),
        ("entry == ['a', 'b']", ["a", "b"], True),
    ],
)
def test_anything_is_judged_when_it_is_known(text, entry, expected):
    assert truth(text, entry=entry, config__filters=("g", "SDSSr_65mm")) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15 min", 900.0),
        ("config.n_flat + 2 * 3", 26),
        ("-config.n_flat / 8", -2.5),
        ("config.n_flat / 0", None),
        ("config.n_discard_flat + 1", None),
        ("max(config.exp_times) - min(config.exp_times)", 5.0),
        ("sum(config.exp_times)", 11.0),
        ("max(config.n_flat, 30)", 30),
        ("len(config.exp_times)", 3),
        ("len('abc')", 3),
        ("listed(config.exp_times)", "1, 4, 6"),
        ("listed(['a', 'b c'])", "a, b c"),
        ("listed([])", ""),
        ("config.exp_times[0]", 1.0),
        ("config.exp_times[-1]", 6.0),
        ("config.exp_times[3]", None),
        ("config.exp_times[0.5]", None),
        ("abs(-3 deg)", 3.0),
        ("round(2.6)", 3),
        ("round(2.66, 1)", 2.7),
        ("either(config.filter, 'empty_1')", "empty_1"),
        ("either(config.n_discard_flat, 5)", 5),
        ("either(config.n_flat, 5)", 20),
        ("2 m/s * 3 s", 6000.0),
        ("'two words'", "two words"),
        ("[1, 2 + 3]", (1, 5)),
        ("config.n_flat > 3", True),
        ("null", NULL),
    ],
)
def test_expression_has_a_value(text, expected):
    seen = value(text, config__n_flat=20, config__exp_times=[1.0, 4.0, 6.0], config__filter=NULL)

    assert seen == expected
    assert type(seen) is type(expected)


@pytest.mark.parametrize(
    ("filter_", "asked", "expected"),
    [
        ("SDSSr_65mm", "last(flat, filter=SDSSr_65mm).counts", True),
        (None, "config.filter", None),
        (NULL, "last(flat, filter=null).counts", None),
    ],
)
def test_name_in_an_argument_is_replaced_by_its_value(filter_, asked, expected):
    now = Now({"config.filter": filter_, "last(flat, filter=SDSSr_65mm).counts": 12000.0})

    assert parse_condition("last(flat, filter=config.filter).counts > 10000 adu", STAGE).evaluate(now) is expected
    assert now.asked[-1] == asked
