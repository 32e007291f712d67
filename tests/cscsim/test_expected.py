"""What the summary of a rehearsal says of what its scenario expects."""

from __future__ import annotations

import json
from shutil import copyfile

import pytest

from tests.cscsim.cli import LIGHT, SMALL, call

SCENARIO = """
scenario: small
title: The bulb stays dark
lesson: Wait.
procedure: light.yaml
faults: [{fault: ATWhiteLight.bulb_will_not_ignite, parameters: {times: 1}}]
expect:
  outcome: OUTCOME
  detected: false
"""


@pytest.fixture
def rehearsed(tmp_path):
    def rehearse(text: str, *options: str):
        copyfile(LIGHT, tmp_path / "light.yaml")
        path = tmp_path / "small.yaml"
        path.write_text(text)
        return call("rehearse", LIGHT, *SMALL, "--yes", "--scenario", str(path), *options)

    return rehearse


def test_as_expected(rehearsed):
    result = rehearsed(SCENARIO.replace("OUTCOME", "passed"))

    assert result.exit_code == 0, result.output
    assert "What the scenario expects" in result.stdout
    assert "✓         outcome passed" in result.stdout
    assert "by nothing in the procedure" in result.stdout
    assert "to learn  Wait." in result.stdout
    assert "PASSED, as expected" in result.stdout


def test_not_as_expected_leaves_the_exit_code_as_it_is(rehearsed):
    result = rehearsed(SCENARIO.replace("OUTCOME", "failed"))

    assert result.exit_code == 0, result.output
    assert "✗ not so  outcome failed  it has passed" in result.stdout
    assert "PASSED, NOT as expected" in result.stdout


def test_what_is_meant_for_another_procedure_is_not_asked(rehearsed):
    text = SCENARIO.replace("OUTCOME", "failed").replace("procedure: light.yaml", "procedure: weekly")

    result = rehearsed(text)

    assert "It is meant for weekly; what it expects is not asked of light." in result.stdout
    assert "expected" not in result.stdout.splitlines()[-4]


def test_json_has_it_all(rehearsed):
    told = json.loads(rehearsed(SCENARIO.replace("OUTCOME", "passed"), "--json").stdout)["expectations"]

    assert told["as_expected"] is True
    assert [each["expected"] for each in told["judged"]] == ["outcome passed", "not detected"]
