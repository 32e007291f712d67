"""A case is known by its key and done again by its command line."""

from __future__ import annotations

import dataclasses
import pickle
import shlex
from typing import Any

import pytest

from procedures.campaign import Case

CASE = Case(
    procedure="weekly",
    seed=3,
    observatory="auxtel",
    parameter_set="simulators",
    settings=("a=1",),
    scenario="encoder_slip",
    faults=("ATDome.stall@step setup #1",),
    at_step="setup",
)
OTHERS: dict[str, Any] = {
    "procedure": "daily",
    "seed": 4,
    "observatory": None,
    "parameter_set": None,
    "settings": ("a=2",),
    "scenario": None,
    "faults": (),
    "at_step": None,
}


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Case)])
def test_the_key_tells_what_differs_in_anything(field):
    assert dataclasses.replace(CASE, **{field: OTHERS[field]}).key != CASE.key


def test_a_case_travels_to_another_process_as_it_is():
    again = pickle.loads(pickle.dumps(CASE))

    assert again == CASE
    assert again.key == CASE.key


def test_the_command_says_everything():
    words = shlex.split(CASE.command)

    assert words[:3] == ["cscsim", "rehearse", "weekly"]
    options = dict(zip(words[4::2], words[5::2], strict=True))
    assert words[3] == "--yes"
    assert options == {
        "--seed": "3",
        "--observatory": "auxtel",
        "--parameters": "simulators",
        "--scenario": "encoder_slip",
        "--set": "a=1",
        "--fault": "ATDome.stall@step setup #1",
    }


def test_the_baseline_keeps_all_but_what_goes_wrong():
    baseline = CASE.baseline

    assert baseline.is_baseline
    assert not CASE.is_baseline
    assert (baseline.seed, baseline.settings, baseline.parameter_set) == (3, ("a=1",), "simulators")
    assert baseline.fault == ""


def test_a_case_is_called_after_its_fault_and_component():
    indexed = Case(procedure="daily", faults=("OCPS:1.job_error:times=2@60s",))

    assert (indexed.component, indexed.fault) == ("OCPS:1", "OCPS:1.job_error:times=2")
    assert Case(procedure="daily", scenario="rain").fault == "scenario rain"
