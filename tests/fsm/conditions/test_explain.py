from __future__ import annotations

import math

import pytest
from hypothesis import given

from fsm import NULL, Value, parse_condition, parse_expression
from tests.fsm.conditions.stage import STAGE, Now
from tests.fsm.conditions.texts import conditions, moments

VALUES: dict[str, Value] = {
    "ATCS": {"ATDome": "DISABLED", "ATPtg": "FAULT", "ATMCS": "ENABLED"},
    "ATDome": "DISABLED",
    "ATDome.azimuth": 10.0,
    "ATDome.homing": True,
    "ATDome.main_door": "CLOSED",
    "ATMCS.azimuth": 350.0,
    "ATWhiteLight.power": 2.9999999999 * 100,
    "config.exp_times": (1.0, 4.0),
    "config.filter": "SDSSr_65mm",
    "config.filters": ("g", "r"),
    "config.n_discard_flat": 2,
    "config.n_flat": 3,
    "config.script_mode": NULL,
    "door.opening": math.nan,
    "entry": "abc",
    "last(flat).counts": 4312.0,
}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        # states
        ("ATDome is ENABLED", "ATDome is DISABLED, not ENABLED"),
        ("ATDome is not DISABLED", "ATDome is DISABLED"),
        ("ATDome.main_door is in [OPENED, PARTIALLY_OPENED]",
         "ATDome.main_door is CLOSED, not OPENED or PARTIALLY_OPENED"),
        ("ATCS is ENABLED", "ATDome, ATPtg of ATCS are not ENABLED (ATDome DISABLED, ATPtg FAULT)"),
        ("ATCS is in [ENABLED, DISABLED]", "ATPtg of ATCS is FAULT, not ENABLED or DISABLED"),
        ("ATCS is not FAULT", "ATPtg of ATCS is FAULT"),
        ("ATCS is not in [FAULT, DISABLED]",
         "ATDome, ATPtg of ATCS are FAULT or DISABLED (ATDome DISABLED, ATPtg FAULT)"),
        # numbers
        ("last(flat).counts > 10000 adu", "last(flat).counts is 4312 adu, not > 10000 adu"),
        ("10000 adu < last(flat).counts", "last(flat).counts is 4312 adu, not > 10000 adu"),
        ("ATDome.azimuth within 1.5 deg of 3 deg",
         "ATDome.azimuth is 10 deg, not within 1.5 deg of 3 deg (7 deg away)"),
        ("ATDome.azimuth within 1.5 deg of ATMCS.azimuth",
         "ATDome.azimuth is 10 deg, not within 1.5 deg of ATMCS.azimuth (350 deg) (20 deg away)"),
        ("last(flat).counts within 20 % of 10000 adu",
         "last(flat).counts is 4312 adu, not within 20 % of 10000 adu (5688 adu away)"),
        ("ATMCS.azimuth in [0 deg, 90 deg]", "ATMCS.azimuth is 350 deg, not in [0 deg, 90 deg]"),
        ("ATMCS.azimuth not in [0 deg, 355 deg]", "ATMCS.azimuth is 350 deg, in [0 deg, 355 deg]"),
        ("config.n_flat + config.n_discard_flat > 7",
         "config.n_flat + config.n_discard_flat is 5 (config.n_flat 3, config.n_discard_flat 2), not > 7"),
        ("config.exp_times[0] > 2 s", "config.exp_times[0] is 1 s, not > 2 s"),
        ("len(config.exp_times) == config.n_flat",
         "len(config.exp_times) is 2 (config.exp_times [1 s, 4 s]), not config.n_flat (3)"),
        ("config.n_flat != 3", "config.n_flat is 3"),
        ("ATWhiteLight.power >= 300 W", "ATWhiteLight.power is 299.99999999 W, not >= 300 W"),
        # texts and flags
        ("config.filter == SDSSi", "config.filter is SDSSr_65mm, not SDSSi"),
        ("config.filter in [SDSSi, empty_1]", "config.filter is SDSSr_65mm, not in [SDSSi, empty_1]"),
        ("config.filter in config.filters", "config.filter is SDSSr_65mm, not in config.filters ([g, r])"),
        ("config.filter == null", "config.filter is SDSSr_65mm, not null"),
        ("config.script_mode != null", "config.script_mode is null"),
        ("config.script_mode == BIAS", "config.script_mode is null, not BIAS"),
        ("not ATDome.homing", "ATDome.homing is true"),
        ("ATDome.homing == false", "ATDome.homing is true, not false"),
        ("false", "false"),
        # joined
        ("ATDome is ENABLED and ATDome.homing and ATMCS.azimuth < 3 deg",
         "ATDome is DISABLED, not ENABLED; ATMCS.azimuth is 350 deg, not < 3 deg"),
        ("ATDome is ENABLED or ATMCS.azimuth < 3 deg",
         "ATDome is DISABLED, not ENABLED and ATMCS.azimuth is 350 deg, not < 3 deg"),
        ("(ATDome is ENABLED and config.n_flat > 3) or not ATDome.homing",
         "(ATDome is DISABLED, not ENABLED; config.n_flat is 3, not > 3) and ATDome.homing is true"),
        ("not (ATDome is ENABLED or ATDome.homing)", "ATDome.homing is true"),
        ("not (ATDome is DISABLED and ATDome.homing)", "ATDome is DISABLED and ATDome.homing is true"),
        ("ATWhiteLight is ENABLED and ATDome is ENABLED", "ATDome is DISABLED, not ENABLED"),
        # unknown
        ("ATWhiteLight is ENABLED", "ATWhiteLight is unknown (never published)"),
        ("ATWhiteLight.supply_temperature > 3 deg_C",
         "ATWhiteLight.supply_temperature is unknown (never published)"),
        ("ATDome is DISABLED and ATWhiteLight.lamp is ON", "ATWhiteLight.lamp is unknown (never published)"),
        ("stroke > 3 mm and ATDome.velocity > 1 deg/s",
         "stroke is unknown (never published); ATDome.velocity is unknown (never published)"),
        ("ATDome.azimuth / ATDome.velocity < stroke / 2 m/s",
         "ATDome.velocity, stroke are unknown (never published)"),
        ("known(stroke)", "stroke is unknown (never published)"),
        ("unknown(ATDome.azimuth)", "ATDome.azimuth is 10 deg"),
        ("last(flat, filter=config.filter).counts > 3 adu",
         "last(flat, filter=config.filter).counts is unknown (never published)"),
        ("door.opening > 3 %", "door.opening is unknown (not a number)"),
        ("entry > 3 s", "entry is abc, not a number"),
        ("entry", "entry is abc, not true or false"),
        ("config.exp_times[2] > 3 s", "config.exp_times[2] is unknown"),
        ("config.n_flat / (config.n_discard_flat - 2) > 3",
         "config.n_flat / (config.n_discard_flat - 2) > 3 is unknown (config.n_flat 3, config.n_discard_flat 2)"),
        # true
        ("ATDome is DISABLED", "ATDome is DISABLED"),
        ("last(flat).counts > 4000 adu", "last(flat).counts is 4312 adu, > 4000 adu"),
        ("ATCS is not STANDBY", "ATCS is ATDome DISABLED, ATPtg FAULT, ATMCS ENABLED"),
    ],
)  # fmt: skip
def test_reason_is_the_smallest_part_with_the_values_seen(text, reason):
    condition = parse_condition(text, STAGE)

    assert condition.explain(Now(VALUES)) == reason


def test_group_with_an_unknown_member_names_it():
    condition = parse_condition("ATCS is ENABLED", STAGE)

    reason = condition.explain(Now({"ATCS": {"ATDome": "ENABLED", "ATPtg": None}}))

    assert reason == "ATPtg of ATCS is unknown (never published)"


def test_group_without_members_is_named():
    condition = parse_condition("ATCS is ENABLED", STAGE)

    assert condition.explain(Now({"ATCS": {}})) == "ATCS has no members"


def test_unknown_name_in_an_argument_is_named():
    condition = parse_condition("last(flat, filter=config.filter).counts > 3 adu", STAGE)

    assert condition.explain(Now()) == "config.filter is unknown (never published)"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("config.n_flat * 2", "config.n_flat * 2 is 6 (config.n_flat 3)"),
        ("stroke * 2", "stroke is unknown (never published)"),
    ],
)
def test_expression_is_explained(text, reason):
    assert parse_expression(text, STAGE).explain(Now(VALUES)) == reason


@given(conditions, moments)
def test_reason_of_the_opposite_is_the_same(text, values):
    condition = parse_condition(text, STAGE)
    opposite = parse_condition(f"not ({text})", STAGE)

    assert opposite.explain(Now(values)) == condition.explain(Now(values))
