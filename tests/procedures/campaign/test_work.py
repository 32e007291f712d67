"""A case is run: what is kept of it, and what ends one that does not end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fsm import AuthorError
from procedures import Scenario
from procedures.campaign import Case, Limits, Run, judge, run_case
from procedures.rehearsal import Rehearsal, rehearse
from tests.procedures.campaign.plays import open_play, play, site

FOR_EVER = """
procedure: for_ever
kind: rehearsal
title: The dome is asked again and again
steps:
  - repeat:
      times: "1000000"
      until: ATDome is FAULT
      steps:
        - wait: 1 h
"""


@pytest.fixture(scope="module")
def usual() -> Run:
    return run_case(play(), open_play)


def test_a_case_is_run_as_a_rehearsal_is(usual):
    report = rehearse(open_play(play()))

    assert (usual.outcome, usual.digest, usual.records) == ("passed", report.digest, report.records)


def test_the_same_case_gives_the_same_run(usual):
    assert run_case(play(), open_play) == usual


def test_a_run_is_read_as_it_is_written(usual):
    assert Run.from_text(usual.as_text()) == usual


def test_a_fault_that_makes_it_fail_is_detected_and_the_lamp_is_left_on(usual):
    run = run_case(play("ATWhiteLight.lamp_stuck_on@step warm"), open_play)

    verdict = judge(run, usual)

    assert verdict.classification == "detected"
    assert verdict.detected_by == "step off"
    assert any(each.startswith("the lamp is off: ATWhiteLight.bulb is FADING") for each in verdict.unsafe)


def test_a_fault_at_a_step_that_does_not_come_has_not_happened(usual):
    verdict = judge(run_case(play("ATDome.encoder_slip@step turn #2"), open_play), usual)

    assert (verdict.classification, verdict.injected_at) == ("not_injected", None)


def test_a_failed_step_that_only_warns_is_noticed_and_the_states_tell_the_harm(usual):
    verdict = judge(run_case(play("ATDome.not_homed@step turn"), open_play), usual)

    assert verdict.noticed
    assert verdict.injected_at is not None


def test_a_run_that_goes_on_for_ever_is_stopped(usual):
    run = run_case(Case(procedure=FOR_EVER), open_play, limits=Limits.beside(usual))

    assert run.stuck.startswith("it has not ended after ")
    assert run.seconds <= Limits.beside(usual).seconds
    assert judge(run, usual).classification == "stuck"


def test_a_run_that_writes_for_ever_is_stopped():
    run = run_case(Case(procedure=FOR_EVER), open_play, limits=Limits(records=500))

    assert run.stuck == "it has not ended after 500 records"


def test_a_limit_that_is_not_reached_changes_nothing(usual):
    assert run_case(play(), open_play, limits=Limits(seconds=usual.seconds + 1)) == usual


def test_an_error_of_ours_costs_only_its_run(monkeypatch, usual):
    def broken(*arguments, **options):
        raise KeyError("azimuth")

    monkeypatch.setattr("procedures.campaign.work.rehearse", broken)

    run = run_case(play("ATDome.stall"), open_play)

    assert run.crash.startswith("KeyError: 'azimuth'")
    assert judge(run, usual).classification == "crashed"


def test_a_condition_of_ones_own_is_asked_at_the_end():
    run = run_case(play(), open_play, safe_end=(("the dome is home", "ATDome.azimuth within 1 deg of 285 deg"),))

    assert [name for name, _ in run.unsafe] == ["the dome is home"]


def test_what_is_otherwise_from_the_beginning_counts_as_a_fault(usual):
    def open_scenario(case: Case) -> Rehearsal:
        scenario = Scenario(name="open_dome", title="t", machines={"ATDome": {"main_door": "OPENED"}})
        return replace(open_play(case), scenario=scenario)

    verdict = judge(run_case(play(), open_scenario), usual)

    assert verdict.injected_at == 0.0
    assert verdict.classification == "silent"
    assert verdict.harm == ("ATDome.main_door ends OPENED, not CLOSED",)


def test_a_wrong_file_is_told():
    with pytest.raises(AuthorError, match="no fault"):
        run_case(play("ATDome.stal"), open_play)


def test_a_component_left_in_fault_is_explained_by_its_own_fault_only():
    from procedures.campaign.safety import unexplained_faults

    snapshot = {"ATDome": {"summary_state": "FAULT"}, "ATWhiteLight": {"summary_state": "FAULT"}}

    assert unexplained_faults(snapshot, {"ATDome"}, site().truth) == ("ATWhiteLight",)
