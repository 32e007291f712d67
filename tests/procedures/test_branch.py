"""What a branch may be."""

from __future__ import annotations

import pytest

from fsm import AuthorError
from procedures import Scenario
from procedures.branch import Branch
from tests.procedures.replay.lamp import branch, lamp, moment, record


def test_a_branch_does_not_begin_anew():
    cold = Scenario(name="cold", title="Cold", states={"ATDome": "STANDBY"})

    with pytest.raises(AuthorError, match="scenario cold gives states of ATDome at the beginning, which is over"):
        Branch(moment=moment("1 min"), scenario=cold)


def test_times_of_a_branch_count_from_it(tmp_path):
    dies = branch("2 min", "ATWhiteLight.bulb_dies@1 min")

    recording = record(lamp(branches=(dies,)), tmp_path / "run.jsonl")

    assert recording.branches[0]["faults"] == ["ATWhiteLight.bulb_dies@60s"]
    (fault,) = [line for line in recording.lines() if b'"kind":"fault"' in line]
    assert b'"t":180.0' in fault


def test_a_fault_of_a_branch_that_has_not_come_when_the_run_ends_does_not_come(tmp_path):
    recording = record(lamp(branches=(branch("2 min", "ATWhiteLight.bulb_dies@5 h"),)), tmp_path / "run.jsonl")

    assert recording.end is not None
    assert recording.end["outcome"] == "passed"
    assert not any(b'"kind":"fault"' in line for line in recording.lines())
