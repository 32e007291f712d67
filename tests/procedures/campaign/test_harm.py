"""What counts as harm, held against a run without a fault."""

from __future__ import annotations

from dataclasses import replace

import pytest

from procedures.campaign import Run
from procedures.campaign.harm import find_harm

USUAL = Run(
    outcome="passed",
    images={"FLAT r 6 s": (29000.0, 29100.0), "BIAS r 0 s": (0.5,)},
    saturated={"FLAT r 6 s": 0, "BIAS r 0 s": 0},
    products={"ATOODS: images ingested": 3},
    states={"ATDome.summary": "ENABLED", "ATDome.weather": "CLEAR", "ATDome.main_door": "CLOSED", "ATMCS.m3": "IN"},
    moved=("ATDome.main_door",),
)
FAULT = {"t": 5.0, "n": 1, "kind": "fault", "who": "ATDome", "fault": "rain", "what": "injected"}


def test_a_run_like_the_usual_one_has_none():
    assert find_harm(USUAL, USUAL) == ()


@pytest.mark.parametrize(
    ("flats", "harm"),
    [
        ((29000.0, 1200.0), "1 of 2 images FLAT r 6 s are dimmer: 1200 adu, not 29100 adu"),
        ((60000.0, 60000.0), "2 of 2 images FLAT r 6 s are brighter: 60000 adu, not 29000 adu"),
        ((29000.0,), "1 of 2 images are missing (FLAT r 6 s)"),
    ],
)
def test_images_that_are_missing_or_show_other_light(flats, harm):
    assert find_harm(replace(USUAL, images={**USUAL.images, "FLAT r 6 s": flats}), USUAL) == (harm,)


@pytest.mark.parametrize("flats", [(29500.0, 28900.0), (0.0, 29000.0, 29100.0)])
def test_noise_and_images_that_were_taken_again_are_none(flats):
    assert find_harm(replace(USUAL, images={**USUAL.images, "FLAT r 6 s": flats}), USUAL) == ()


def test_saturation_where_counts_are_the_same():
    run = replace(USUAL, saturated={"FLAT r 6 s": 2, "BIAS r 0 s": 0})

    assert find_harm(run, USUAL) == ("2 more of the images FLAT r 6 s are saturated",)


def test_products_that_are_missing():
    assert find_harm(replace(USUAL, products={}), USUAL) == ("3 of 3 images ingested by ATOODS are missing",)


def test_other_states_at_the_end():
    run = replace(USUAL, states={**USUAL.states, "ATDome.summary": "FAULT", "ATMCS.m3": "OUT"})

    assert find_harm(run, USUAL) == ("ATDome ends FAULT, not ENABLED", "ATMCS.m3 ends OUT, not IN")


def test_what_the_fault_itself_has_done_is_none():
    run = replace(USUAL, notable=(FAULT,), states={**USUAL.states, "ATDome.summary": "FAULT"})

    assert find_harm(replace(run, own={"ATDome.summary": "FAULT"}), USUAL) == ()


def test_of_the_faulted_component_only_what_the_procedure_uses_is_asked():
    states = {**USUAL.states, "ATDome.weather": "SHUTDOWN", "ATDome.main_door": "OPENED"}

    harm = find_harm(replace(USUAL, notable=(FAULT,), states=states), USUAL)

    assert harm == ("ATDome.main_door ends OPENED, not CLOSED",)
