"""`cscsim diff` as a person or a program uses it."""

from __future__ import annotations

import json

import pytest

from tests.cscsim.cli import LIGHT, SMALL, call


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("journals")
    runs = {
        "a": ("--seed", "1"),
        "again": ("--seed", "1"),
        "other": ("--seed", "2"),
        "dies": ("--seed", "1", "--fault", "ATWhiteLight.bulb_dies@5 min"),
    }
    for name, arguments in runs.items():
        call("rehearse", LIGHT, *SMALL, "--yes", *arguments, "--journal", str(folder / f"{name}.jsonl"))
    return folder


def diff(folder, a, b, *arguments):
    return call("diff", str(folder / f"{a}.jsonl"), str(folder / f"{b}.jsonl"), *arguments)


def test_the_same_run_twice_is_the_same(folder):
    result = diff(folder, "a", "again")

    assert result.exit_code == 0
    assert "The same: all 146 records are the same, up to 0:15:01" in result.stdout


def test_circumstances_are_told_and_do_not_count(folder):
    result = diff(folder, "a", "other")

    assert "The circumstances are not the same:" in result.stdout
    assert "≠ seed  1        2" in result.stdout
    assert result.exit_code == (0 if "The same:" in result.stdout else 1)


def test_two_runs_part_where_something_goes_wrong(folder):
    result = diff(folder, "a", "dies")
    text = " ".join(result.stdout.split())

    assert result.exit_code == 1
    assert "records are the same; the last step to begin in both" in text
    assert "is warm of observer: Let the lamp warm up" in text
    assert "dies.jsonl at 300 s: fault ATWhiteLight.bulb_dies is injected" in text
    assert "≠ outcome passed failed" in text
    assert "0:05:00 ATWhiteLight.bulb_dies" in text


def test_as_data(folder):
    told = json.loads(diff(folder, "a", "dies", "--json").stdout)

    assert told["same"] is False
    assert told["b"]["fault"] == "bulb_dies"
    assert (told["first"]["outcome"], told["second"]["outcome"]) == ("passed", "failed")
    assert json.loads(diff(folder, "a", "again", "--json").stdout)["same"] is True


def test_what_is_no_journal_is_told(folder):
    (folder / "text.jsonl").write_text("hello\n")

    result = diff(folder, "a", "text")

    assert result.exit_code == 2
    assert "text.jsonl:1: not a journal record" in result.stderr
