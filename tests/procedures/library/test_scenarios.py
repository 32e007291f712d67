"""The scenarios that come along: each is rehearsed with its procedure, and what it expects comes."""

from __future__ import annotations

import pytest

from cscsim.locate import known, open_site
from procedures import Rehearsal, Report, Scenario, rehearse

SITE = open_site()
NAMES = known("scenarios")


def rehearsed(scenario: Scenario) -> Report:
    return rehearse(
        Rehearsal(
            procedure=SITE.procedure(scenario.procedure),
            library=SITE.library,
            blocks=SITE.blocks,
            observatory=SITE.sheet,
            seed=1,
            scenario=scenario,
        )
    )


@pytest.mark.parametrize("name", NAMES)
def test_what_a_scenario_expects_comes(name):
    report = rehearsed(SITE.scenario(name))

    assert report.expectations is not None
    wrong = [f"{each.expected}: {each.because}" for each in report.expectations.judged if not each.met]
    assert not wrong, f"{report.outcome} {report.because}"


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_says_what_it_is_and_teaches(name):
    scenario = SITE.scenario(name)

    assert scenario.name == name
    assert scenario.summary
    assert scenario.lesson
    assert scenario.expect is not None
    assert scenario.expect.outcome


def test_there_is_one_for_each_component_that_a_procedure_is_hurt_by():
    hurt = {fault.component.partition(":")[0] for name in NAMES for fault in SITE.scenario(name).faults}

    assert hurt >= {
        *("ATWhiteLight", "ATDome", "ATMCS", "ATPtg", "ATAOS", "ATPneumatics", "ATHexapod", "ATCamera"),
        *("ATSpectrograph", "ATHeaderService", "ATOODS", "OCPS", "Scheduler", "ATBuilding"),
    }


@pytest.mark.parametrize("procedure", ["daily", "daytime_checkout", "misalignment", "prepare_for_onsky", "weekly"])
def test_on_a_plain_day_nothing_is_detected(procedure):
    from procedures import parse_injection
    from procedures.expectations import Detection, Expectations

    harmless = parse_injection("ESS:301.message_late:topic=logLevel", SITE.truth)
    expect = Expectations(outcome="passed", detected=Detection(happens=False))
    plain = Scenario(name="plain", title="plain", procedure=procedure, faults=(harmless,), expect=expect)

    report = rehearsed(plain)

    assert report.expectations is not None
    assert report.expectations.as_expected, report.expectations
