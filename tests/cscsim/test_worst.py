"""`cscsim worst` as a person or a program uses it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.cscsim.cli import LIGHT, SMALL, call
from tests.cscsim.pools import pool


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("procedures.campaign.ProcessPool", pool)


def worst(*arguments):
    return call("worst", LIGHT, *SMALL, *arguments)


def found(*arguments):
    result = worst(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_worst_moment_can_be_done_again():
    data = found("--fault", "ATWhiteLight.bulb_dies", "--tries", "14", "--workers", "1")

    assert len(data["tries"]) == 14
    assert data["worst"]["is"] in ("unsafe", "detected")
    again = json.loads(call(*shlex.split(data["worst"]["command"])[1:], "--json").stdout)
    assert again["journal"]["digest"] == data["worst"]["digest"]


def test_the_intervals_cover_the_procedure():
    data = found("--fault", "ATDome.stall", "--tries", "14", "--workers", "1")

    intervals = data["intervals"]
    assert intervals[0]["from_s"] == 0.0
    assert intervals[-1]["to_s"] == data["simulated_seconds"]
    assert [each["to_s"] for each in intervals[:-1]] == [each["from_s"] for each in intervals[1:]]
    assert sum(each["tries"] for each in intervals) == 14
    assert len({each["is"] for each in intervals}) > 1


def test_it_is_the_same_whatever_the_number_of_workers():
    one = found("--fault", "ATDome.silence for 2 min", "--tries", "8", "--workers", "1", "--store", "one.sqlite")
    two = found("--fault", "ATDome.silence for 2 min", "--tries", "8", "--workers", "3", "--store", "two.sqlite")

    assert {**one, "wall_seconds": 0} == {**two, "wall_seconds": 0}


def test_it_is_drawn_as_a_strip_and_as_a_page():
    result = worst("--fault", "ATWhiteLight.bulb_dies", "--tries", "8", "--workers", "1", "--report", "page.html")

    assert result.exit_code == 0, result.output
    assert "WORST MOMENT" in result.stdout
    assert "▲" in result.stdout
    assert "cscsim rehearse" in result.stdout
    page = Path("page.html").read_text()
    assert page.count("<details>") == 8
    assert 'class="strip"' in page
    assert "http" not in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing option '--fault'"),
        (("--fault", "ATDome.stal"), "did you mean stall?"),
        (("--fault", "ATDome.stall@5 s"), "its moment is what is searched; leave the time out"),
        (("--fault", "ATDome.stall until 5 min"), "say with `for` how long it lasts"),
        (("--fault", "ATDome.stall", "--report", "no/page.html"), "--report no/page.html: cannot be written"),
        (("--fault", "ATDome.stall", "--tries", "1"), "1 is not in the range x>=2"),
    ],
)
def test_bad_input_is_told(arguments, message):
    result = worst(*arguments)

    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
