"""What a scenario expects, held against what came."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fsm import AuthorError, parse_condition
from procedures import Rehearsal, find_detection, judge_expectations, load_scenario, rehearse
from procedures.expectations import Detection, Expectations
from tests.acceptance.stage import site, steps

FAULT = {"t": 100.0, "kind": "fault", "who": "ATDome", "fault": "stall", "what": "injected"}
END = {"t": 400.0, "kind": "end", "who": "observer", "outcome": "failed", "because": "play 2: too late"}
SNAPSHOT = {
    "ATDome": {"summary_state": "ENABLED", "machines": {"homing": "HOMED"}, "outputs": {"azimuth": 3.0}},
    "ATMCS": {"summary_state": "FAULT", "machines": {}, "outputs": {}},
}


def condition_of(who: str = "observer", t: float = 150.0, truth: bool | None = False, text: str = "a is b"):
    return {"t": t, "kind": "condition", "who": who, "where": "play 1", "condition": text, "truth": truth}


def step_of(step: str = "2", because: str = "too late", t: float = 160.0):
    return {"t": t, "kind": "step", "who": "observer", "step": step, "name": "x", "what": "failed", "because": because}


def log_of(level: str):
    return {"t": 170.0, "kind": "log", "who": "Script:1", "step": "3", "level": level, "message": "not ingested"}


def condition(text: str):
    return parse_condition(text, site().truth)


def judged(expectations: Expectations, *records, **circumstances):
    return judge_expectations(expectations, records, SNAPSHOT, vocabulary=site().truth, **circumstances)


# ------------------------------------------------------------------- detection


@pytest.mark.parametrize(
    ("record", "by", "after"),
    [
        (condition_of(), "a is b", 50.0),
        (condition_of("Script:200001", truth=None), "a is b", 50.0),
        (step_of(), "step 2", 60.0),
        (log_of("error"), "not ingested", 70.0),
    ],
)
def test_what_cannot_be_overlooked_is_a_detection(record, by, after):
    assert find_detection([FAULT, record, END]) == (by, after)


@pytest.mark.parametrize(
    "record",
    [
        condition_of(truth=True),
        condition_of("ATDome"),
        step_of(because="it was dealt with"),
        log_of("warning"),
    ],
)
def test_what_a_procedure_shrugs_off_is_none(record):
    assert find_detection([FAULT, record, {**END, "outcome": "passed"}]) is None


def test_a_run_that_ends_badly_has_noticed_at_the_latest_then():
    assert find_detection([FAULT, END]) == ("play 2: too late", 300.0)


def test_what_was_noticed_before_the_fault_was_something_else():
    assert find_detection([condition_of(t=50.0), FAULT, {**END, "outcome": "passed"}]) is None


def test_without_a_fault_nothing_is_detected():
    assert find_detection([condition_of(), END]) is None


@pytest.mark.parametrize(("by", "found"), [("2", 60.0), ("b", 80.0), ("a is b", 50.0), ("7", None)])
def test_a_detection_may_be_asked_for(by, found):
    records = [FAULT, condition_of(), step_of(), step_of("a/b", t=180.0), END]

    detection = find_detection(records, by)

    assert (detection[1] if detection else None) == found


# ------------------------------------------------------------------- judgement


@pytest.mark.parametrize(("outcome", "met"), [("failed", True), ("passed", False)])
def test_outcome_is_judged(outcome, met):
    judgement = judged(Expectations(outcome=outcome), FAULT, END)

    assert judgement.as_expected is met
    assert judgement.judged[0].because == ("" if met else "it has failed")


@pytest.mark.parametrize(
    ("detection", "met", "because"),
    [
        (Detection(), True, "a is b, 50 s after the fault"),
        (Detection(within=50.0), True, "a is b, 50 s after the fault"),
        (Detection(within=49.0), False, "a is b, 50 s after the fault"),
        (Detection(by="2"), True, "step 2, 60 s after the fault"),
        (Detection(by="8"), False, "it was not; first noticed by a is b, 50 s after the fault"),
        (Detection(happens=False), False, "it was, by a is b, 50 s after the fault"),
    ],
)
def test_detection_is_judged(detection, met, because):
    judgement = judged(Expectations(detected=detection), FAULT, condition_of(), step_of(), END)

    assert (judgement.as_expected, judgement.judged[0].because) == (met, because)
    assert (judgement.detected_by, judgement.detected_after) == ("a is b", 50.0)


def test_a_fault_that_never_happened_cannot_be_detected():
    judgement = judged(Expectations(detected=Detection()), END)

    assert [(each.met, each.because) for each in judgement.judged] == [(False, "no fault has happened")]


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("ATDome.homing is HOMED", True),
        ("ATDome.azimuth within 1 deg of 3 deg", True),
        ("ATDome.azimuth > 5 deg", False),
        ("ATMount is FAULT", True),
        ("ATCS is ENABLED", False),
        ("ATPtg is ENABLED", False),
        ("count(flat) == 0", True),
        ("last(flat).counts > 0 adu", False),
    ],
)
def test_the_end_is_judged_by_how_things_were_left(text, met):
    [one] = judged(Expectations(ends=(condition(text),)), END).judged

    assert one.met is met
    assert bool(one.because) is not met


def test_what_never_was_to_be_is_judged_by_the_journal():
    never = condition("ATDome is FAULT")
    came = {"t": 42.0, "kind": "expectation", "who": "scenario", "condition": str(never), "because": "ATDome is FAULT"}

    assert judged(Expectations(never=(never,)), END).as_expected
    [one] = judged(Expectations(never=(never,)), came, END).judged
    assert (one.met, one.because) == (False, "at 42 s: ATDome is FAULT")


# ------------------------------------------------------------------ in a run

WAIT = steps("{summary_state: {of: ATDome, to: STANDBY}}", "{wait: 10 min}")
LOST = """
scenario: lost
title: a connection is lost
lesson: look
procedure: play
faults: [{fault: ATDome.emergency_stop, at: 1 min}]
expect:
  outcome: passed
  detected: false
  never: [ATDome is FAULT, ATDome is STANDBY]
"""


def rehearsed(tmp_path: Path, text: str):
    from procedures import load_procedure

    path = tmp_path / "scenario.yaml"
    path.write_text(text)
    here = site()
    return rehearse(
        Rehearsal(
            procedure=load_procedure(WAIT, here.vocabulary),
            library=here.library,
            blocks=here.blocks,
            observatory=here.sheet,
            seed=1,
            scenario=load_scenario(path, here.truth),
        )
    )


def test_the_report_says_of_each_whether_it_came(tmp_path):
    report = rehearsed(tmp_path, LOST)

    told = json.loads(json.dumps(report.as_json(), default=str))["expectations"]

    assert report.passed
    assert (told["as_expected"], told["detected_by"], told["detected_after_s"]) == (False, None, None)
    assert [(each["expected"], each["met"]) for each in told["judged"]] == [
        ("outcome passed", True),
        ("not detected", True),
        ("never: ATDome is FAULT", True),
        ("never: ATDome is STANDBY", False),
    ]


def test_of_another_procedure_nothing_is_expected(tmp_path):
    report = rehearsed(tmp_path, LOST.replace("procedure: play", "procedure: weekly"))

    assert report.expectations is None
    assert report.as_json()["expectations"] is None


def test_a_scenario_that_expects_nothing_changes_nothing(tmp_path):
    plain = LOST.partition("expect:")[0]

    assert rehearsed(tmp_path, plain).digest == rehearsed(tmp_path, plain + "expect: {outcome: passed}\n").digest


# ----------------------------------------------------------------------- files


@pytest.mark.parametrize(
    ("line", "place", "message"),
    [
        ("procedure: wekly", "3:12", "there is no procedure wekly; did you mean weekly?"),
        ("procedure: nowhere.yaml", "3:12", "there is no file nowhere.yaml beside the scenario"),
        ("expect: {outcome: fails}", "3:19", "failed"),
        ("expect: {outcom: failed}", "3:10", "did you mean outcome?"),
        ("expect: {ends: [ATDome is ENABLD]}", "3:27", "did you mean ENABLED?"),
        ("expect: {never: [ATDom is ENABLED]}", "3:18", "did you mean ATDome?"),
        ("expect: {ends: [ATWhiteLight.ambient > 3 deg_C]}", "3:17", "is a parameter; expectations are about"),
        ("expect: {detected: {within: 3 deg}}", "3:29", "a time is wanted, such as 300 s, not 3 deg"),
        ("expect: {detected: {by: setpu}}", "3:25", "neither a condition nor a step of weekly; did you mean setup?"),
        ("expect: {detected: {by: ATDome is ENABLD}}", "3:25", "did you mean ENABLED?"),
        ("expect: {detected: {wihin: 3 s}}", "3:21", "did you mean within?"),
    ],
)
def test_a_mistake_is_told_where_it_is(tmp_path, line, place, message):
    path = tmp_path / "scenario.yaml"
    path.write_text(f"scenario: wrong\ntitle: wrong\n{line}\n")

    with pytest.raises(AuthorError) as error:
        load_scenario(path, site().truth, site().library)

    assert str(error.value).startswith(f"scenario.yaml:{place}: ")
    assert message in str(error.value)


def test_a_condition_that_detects_is_written_as_the_journal_writes_it(tmp_path):
    path = tmp_path / "scenario.yaml"
    path.write_text("scenario: x\ntitle: x\nexpect: {detected: {by: 'ATDome.azimuth   within 90 arcmin of 3 deg'}}\n")

    scenario = load_scenario(path, site().truth, site().library)

    assert scenario.expect is not None
    assert scenario.expect.detected == Detection(by="ATDome.azimuth within 1.5 deg of 3 deg")
