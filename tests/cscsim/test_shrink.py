"""`cscsim shrink` as a person or a program uses it."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest

from tests.cscsim.cli import LIGHT, SMALL, call
from tests.cscsim.pools import pool

DIES = "ATWhiteLight.bulb_dies@step warm #1"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("procedures.campaign.ProcessPool", pool)


def shrink(*arguments):
    return call("shrink", LIGHT, *SMALL, "--workers", "1", *arguments)


def shrunk(*arguments):
    result = shrink(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_fault_that_matters_is_left_and_its_command_does_it_again():
    found = shrunk("--fault", "ATDome.encoder_slip:slip=0.1 deg@30 s", "--fault", DIES, "--fault", "ATDome.silence@1 h")

    assert found["faults"] == [{"fault": "ATWhiteLight.bulb_dies", "on": {"step": "warm", "nth": 1}}]
    assert found["minimal"]
    again = json.loads(call(*shlex.split(found["command"])[1:], "--json").stdout)
    assert again["journal"]["digest"] == found["digest"]
    assert again["outcome"] == found["outcome"] == "failed"


def test_it_is_the_same_whatever_the_number_of_workers():
    arguments = ("--fault", DIES, "--fault", "ATDome.encoder_slip:slip=0.1 deg", "--json")

    one = json.loads(shrink(*arguments, "--store", "one.sqlite").stdout)
    two = json.loads(call("shrink", LIGHT, *SMALL, "--workers", "3", *arguments, "--store", "two.sqlite").stdout)

    assert {**one, "wall_seconds": 0} == {**two, "wall_seconds": 0}


def test_what_is_left_of_a_scenario_is_a_scenario_that_does_the_same():
    shutil.copy(LIGHT, "light.yaml")
    Path("much.yaml").write_text(
        "scenario: much\ntitle: Much is otherwise\nprocedure: light.yaml\n"
        "faults:\n  - {fault: ATDome.encoder_slip, parameters: {slip: 0.1 deg}}\n"
        "machines:\n  ATDome: {homing: NOT_HOMED}\nstates:\n  ATDome: DISABLED\n"
    )

    result = shrink("--scenario", "./much.yaml", "--output", "left.yaml")

    assert result.exit_code == 0, result.output
    assert "SHRUNK" in result.stdout
    assert "of 3 things that are otherwise, 1 is left" in result.stdout
    assert "ATDome.homing = NOT_HOMED" in result.stdout
    text = Path("left.yaml").read_text()
    assert "homing: NOT_HOMED" in text
    assert "encoder_slip" not in text
    assert "DISABLED" not in text
    again = call("rehearse", LIGHT, *SMALL, "--yes", "--seed", "1", "--scenario", "./left.yaml")
    assert again.exit_code == 1
    assert "as expected" in again.stdout


def test_a_condition_of_the_end_may_be_kept():
    slip = "ATDome.encoder_slip:slip=8 deg@30 s"

    found = shrunk("--fault", slip, "--keep", "ATDome.true_azimuth > 5 deg")

    (fault,) = found["faults"]
    assert fault["fault"] == "ATDome.encoder_slip"
    assert 3.0 < float(fault["parameters"]["slip"].removesuffix(" deg")) < 3.4


def test_when_the_tries_are_used_up_it_may_be_gone_on():
    result = shrink("--fault", DIES, "--fault", "ATDome.encoder_slip:slip=0.1 deg", "--tries", "1")

    assert result.exit_code == 1
    assert "go on with more --tries" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "say what goes wrong, with --scenario or --fault"),
        (("--fault", "ATDome.stal"), "ATDome has no fault stal; did you mean stall?"),
        (("--scenario", "two_at_onec"), "did you mean two_at_once?"),
        (("--fault", "ATDome.encoder_slip:slip=0.1 deg"), "the run is harmless: nothing is found in it"),
        (("--fault", DIES, "--keep", "silnt"), "--keep silnt: is neither a condition nor one of crashed, "),
        (("--fault", DIES, "--keep", "silent"), "the run is detected, not silent: nothing can be kept"),
        (("--fault", DIES, "--output", "left.txt"), "a scenario is a YAML file; write left.yaml"),
        (("--fault", DIES, "--output", "no/left.yaml"), "--output no/left.yaml: cannot be written"),
        (("--fault", DIES, "--dask", "tcp://127.0.0.1:9"), "leave one of them out"),
    ],
)
def test_bad_input_is_told(arguments, message):
    result = shrink(*arguments)

    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert not Path("left.yaml").exists()
