"""Simpler ways to say a fault: only downwards, and only what may be written so."""

from __future__ import annotations

import pytest

from procedures import parse_injection
from procedures.campaign.beginnings import Beginning
from procedures.campaign.simpler import Quantity, quantities, restatements
from tests.procedures.campaign.plays import site

STEPS = (Beginning(0.0, "ready", 1), Beginning(30.0, "lamp", 1), Beginning(95.0, "lamp", 2))
SLIP = "ATDome.encoder_slip"


def said(text, happened=None):
    truth = site().truth
    return [str(each) for each in restatements(parse_injection(text, truth), truth, happened, STEPS)]


@pytest.mark.parametrize(
    ("text", "happened", "simpler"),
    [
        (SLIP, 0.0, []),
        (f"{SLIP}@step lamp #1", 30.0, [SLIP]),
        (f"{SLIP}@step lamp #2", 95.0, [SLIP, f"{SLIP}@step lamp #1"]),
        (f"{SLIP}@3600s", 3600.0, [SLIP, f"{SLIP}@step lamp #2"]),
        (f"{SLIP}@96s", 96.0, [SLIP, f"{SLIP}@step lamp #2", f"{SLIP}@3600s", f"{SLIP}@600s"]),
        (f"{SLIP} with probability 0.5", None, [SLIP]),
        (f"{SLIP} until ATDome is ENABLED", 0.0, [SLIP]),
        (f"{SLIP}:slip=9 deg", 0.0, [SLIP]),
        (f"{SLIP}:slip=0.01 deg", 0.0, []),
    ],
)
def test_what_is_simpler_comes_in_order(text, happened, simpler):
    assert said(text, happened)[: len(simpler) or None] == simpler


def test_a_condition_becomes_a_time():
    found = said(f"{SLIP}@ATWhiteLight.lamp is ON", 95.5)

    assert found[:2] == [SLIP, f"{SLIP}@step lamp #2"]
    assert f"{SLIP}@95.5s" in found
    assert f"{SLIP}@120s" in found


def test_the_numbers_of_a_fault_are_found_with_how_long_it_lasts():
    truth = site().truth

    found = quantities(parse_injection(f"{SLIP}:slip=-4 deg for 5 min", truth), truth)

    assert found == [Quantity("slip", -4.0, is_whole=False), Quantity("", 300.0, is_whole=False)]
    assert str(found[0].inside(parse_injection(SLIP, truth), -1.5)) == f"{SLIP}:slip=-1.5 deg"


def test_a_whole_number_stays_whole_and_comes_to_an_end():
    quantity = Quantity("times", 3.0, is_whole=True)

    assert quantity.between(0.0, 3.0) == [1.0, 2.0]
    assert quantity.is_narrow(2.0, 3.0)
    assert not quantity.is_narrow(0.0, 3.0)
