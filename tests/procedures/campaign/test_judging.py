"""Each class of a run has its case, and they are told apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from procedures.campaign import CLASSES, Run, judge

INJECTED = {"t": 10.0, "n": 1, "kind": "fault", "who": "ATDome", "fault": "stall", "what": "injected"}
BROKEN = {
    "t": 30.0,
    "n": 2,
    "kind": "condition",
    "who": "Script:1",
    "script": "turn.py",
    "where": "turn there",
    "condition": "ATDome.azimuth == 3.0 deg",
    "truth": False,
    "because": "it is 5 deg",
}
WARNING = {"t": 20.0, "n": 3, "kind": "log", "who": "observer", "step": "a", "level": "warning", "message": "slow"}
ERROR = {**WARNING, "level": "error", "message": "no answer"}
PASSED = {"t": 90.0, "n": 9, "kind": "end", "who": "observer", "outcome": "passed"}
FAILED = {**PASSED, "outcome": "failed", "because": "turn there: it is 5 deg"}

USUAL = Run(outcome="passed", products={"ATOODS: images": 2}, notable=(PASSED,), digest="0")
HARMED = replace(USUAL, products={"ATOODS: images": 1})


@pytest.mark.parametrize(
    ("run", "classification"),
    [
        (replace(USUAL, notable=(PASSED,)), "not_injected"),
        (replace(USUAL, notable=(INJECTED, PASSED)), "harmless"),
        (replace(USUAL, notable=(INJECTED, WARNING, PASSED)), "recovered"),
        (replace(USUAL, notable=(INJECTED, BROKEN, PASSED)), "recovered"),
        (replace(HARMED, notable=(INJECTED, PASSED)), "silent"),
        (replace(HARMED, notable=(INJECTED, WARNING, PASSED)), "silent"),
        (replace(HARMED, notable=(INJECTED, ERROR, PASSED)), "detected"),
        (replace(HARMED, notable=(INJECTED, BROKEN, PASSED)), "detected"),
        (replace(HARMED, outcome="failed", notable=(INJECTED, BROKEN, FAILED)), "detected"),
        (replace(HARMED, outcome="failed", notable=(INJECTED, FAILED)), "detected"),
        (replace(HARMED, outcome="aborted", stuck="it has not ended", notable=(INJECTED,)), "stuck"),
        (Run(crash="KeyError: 'x'", notable=(INJECTED,)), "crashed"),
    ],
)
def test_a_run_is_judged(run, classification):
    assert judge(run, USUAL).classification == classification


def test_every_class_is_tried_above():
    assert {each.name for each in CLASSES} == {
        *("not_injected", "harmless", "recovered", "silent", "detected", "stuck", "crashed")
    }


def test_it_says_by_what_where_and_how_long_after():
    verdict = judge(replace(HARMED, outcome="failed", notable=(INJECTED, BROKEN, FAILED)), USUAL)

    assert verdict.detected_by == "ATDome.azimuth == 3.0 deg"
    assert verdict.detected_where == "turn.py"
    assert verdict.detected_after == 20.0
    assert verdict.injected_at == 10.0


def test_what_is_warned_of_without_the_fault_too_is_not_noticed():
    usual = replace(USUAL, notable=(WARNING, PASSED))
    later = {**WARNING, "t": 50.0, "n": 7, "who": "Script:2"}

    assert judge(replace(USUAL, notable=(INJECTED, later, PASSED)), usual).classification == "harmless"
    assert judge(replace(USUAL, notable=(INJECTED, WARNING, later, PASSED)), usual).classification == "recovered"


def test_what_was_said_before_the_fault_is_not_noticed():
    early = {**WARNING, "t": 1.0}

    assert judge(replace(USUAL, notable=(early, INJECTED, PASSED)), USUAL).classification == "harmless"


def test_an_unsafe_end_that_is_usual_is_not_held_against_it():
    run = replace(USUAL, unsafe=(("the lamp is off", "it is ON"), ("the dome stands", "it moves")))

    verdict = judge(run, replace(USUAL, unsafe=(("the lamp is off", "it is ON"),)))

    assert verdict.unsafe == ("the dome stands: it moves",)
