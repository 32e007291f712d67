"""`cscsim check`: exit codes, what is shown, bad input."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from cscsim.findings import page_of
from cscsim.style import write
from tests.cscsim.cli import call
from tests.procedures.checking.plant import checker, site

DARK = """\
procedure: dark
kind: rehearsal
title: Flats in the dark
steps:
  - {call: {procedure: auxtel/enable_latiss.py}}
  - {take_images: {type: FLAT, count: 5, exposure_times: 6 s}}
"""


@pytest.fixture
def dark(tmp_path):
    path = tmp_path / "dark.yaml"
    path.write_text(DARK, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", ["weekly", "daily", "misalignment"])
def test_nothing_is_refuted_in_the_calibrations(name):
    result = call("check", name)

    assert result.exit_code == 0
    assert "✗ 0 refuted" in result.stdout


def test_what_is_refuted_is_shown_with_the_way_there_and_exits_1(dark):
    result = call("check", dark)

    text = " ".join(result.stdout.split())
    assert result.exit_code == 1
    assert "✗ dark 2 rule flats_need_light: " in text
    assert "flats are taken with the white light not on and warm, or its shutter closed" in text
    assert "after dark 1" in text


def test_json_has_a_report_for_each_name(dark):
    result = call("check", "daily", dark, "--json")

    daily, other = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (daily["name"], daily["refuted"], daily["exhausted"]) == ("daily", 0, True)
    assert daily["durations"]["all"]["least"] > 300
    found = [each for each in other["findings"] if each["verdict"] == "refuted"]
    assert [each["condition"].partition(":")[0] for each in found] == ["flats_need_light", "flats_need_the_screen"]
    assert {(each["where"], each["what"], each["path"][-1]) for each in found} == {("dark 2", "rule", "dark 2")}


def test_proved_conditions_are_shown_on_demand(dark):
    assert "✓ dark 1" not in call("check", dark).stdout
    assert "✓ dark 1" in call("check", dark, "--all").stdout


def test_a_block_is_checked_script_by_script():
    result = call("check", "BLOCK-310")

    assert result.exit_code == 1
    assert "power_off_atcalsys.py" in result.stdout


def test_what_is_assumed_holds_at_the_beginning(tmp_path):
    path = tmp_path / "standing.yaml"
    text = (
        "procedure: standing\nkind: rehearsal\ntitle: t\nsteps: [{log: hello}]\npostconditions: [ATDome is ENABLED]\n"
    )
    path.write_text(text)

    assert call("check", str(path)).exit_code == 1
    assert call("check", str(path), "--from", "any").exit_code == 0
    assert "✓ standing" in call("check", str(path), "--from", "any", "--assume", "ATDome is ENABLED", "--all").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["weakly"], "did you mean weekly?"),
        (["daily", "--assume", "ATDom is ENABLED"], "ATDom"),
        (["daily", "--assume", "ATDome is ENABLED"], "cannot be so at the beginning"),
        (["daily", "--set", "speed=3"], "has no key speed"),
        ([], "Missing argument"),
    ],
)
def test_bad_input_exits_2_and_says_what_would_help(arguments, message):
    result = call("check", *arguments)

    assert result.exit_code == 2
    assert message in result.stderr


def test_what_is_open_comes_with_what_would_prove_it():
    text = " ".join(call("check", "weekly").stdout.split())

    assert "proved if ATDome.azimuth in [2.5 deg, 3.5 deg]" in text
    assert "in 5 calls" in text


def test_how_long_steps_take_is_told():
    rows = [line.split() for line in call("check", "weekly").stdout.splitlines()]

    (setup,) = (row for row in rows if row[:1] == ["setup"])
    assert setup[1:] == ["15", "min", "10", "s", "1", "h"]
    assert "no limit" in call("check", "weekly").stdout


def test_what_cannot_come_to_its_end_says_why():
    result = call("check", "BLOCK-310")

    text = " ".join(result.stdout.split())
    assert result.exit_code == 1
    assert "it cannot come to its end auxtel/calibrations/power_off_atcalsys.py precondition" in text


def test_what_is_given_up_is_neither_proved_nor_refuted():
    report = checker(limit=20).check(site().procedure("weekly"))
    shown = io.StringIO()
    console = Console(width=120, file=shown)

    write(console, page_of(report, everything=False))

    text = " ".join(shown.getvalue().split())
    assert "✓ 0 proved ✗ 0 refuted" in text
    assert "not exhausted: it was given up after 20 situations" in text
    assert "takes not known" in text
    assert not report.never_ends
