"""`cscsim campaign` as a person, a build server or a program uses it."""

from __future__ import annotations

import dataclasses
import json
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cscsim.campaign_file import read_campaign
from cscsim.campaign_plan import Plan, plan_cases
from cscsim.locate import known
from tests.cscsim.cli import DATA, LIGHT, SMALL, call
from tests.cscsim.pools import pool
from tests.procedures.campaign.dask_here import DaskHere

LAMP = ("--procedure", LIGHT, *SMALL)
HERE = (*LAMP, "--workers", "1")
"""In this process, where it does not matter which ones do the work."""
FEW = "ATDome.not_homed,ATDome.encoder_slip,ATWhiteLight.bulb_dies"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("procedures.campaign.ProcessPool", pool)


def campaign(*arguments):
    return call("campaign", *arguments)


def runs(*arguments):
    result = campaign(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def table(path):
    with sqlite3.connect(path) as file:
        rows = file.execute("SELECT * FROM runs ORDER BY key").fetchall()
    file.close()
    return rows


def write(path: Path, *lines: str) -> str:
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def test_a_campaign_judges_every_fault_and_says_so_on_a_page_in_junit_and_in_the_terminal():
    result = campaign(*HERE, "--faults", FEW, "--report", "page.html", "--junit", "junit.xml")

    assert result.exit_code == 0
    assert "CAMPAIGN" in result.stdout
    assert "ATDome.encoder_slip" in result.stdout
    page = Path("page.html").read_text()
    assert page.count("<details id=") == 3
    assert "cscsim rehearse" in page
    assert "http" not in page
    assert "The encoder&#x27;s wheel has slipped" in page
    suite = ElementTree.fromstring(Path("junit.xml").read_text())
    assert suite.get("tests") == "3"
    assert len(suite.findall("testcase")) == 3


@pytest.mark.parametrize("workers", ["2", "3"])
def test_the_same_whatever_the_number_of_workers(workers):
    one = runs(*HERE, "--faults", FEW, "--store", "one.sqlite")
    two = runs(*LAMP, "--faults", FEW, "--workers", workers, "--store", "two.sqlite")

    assert one["runs"] == two["runs"]
    assert table("one.sqlite") == table("two.sqlite")


def test_the_same_on_a_cluster(tmp_path):
    here = runs(*HERE, "--faults", FEW, "--store", "one.sqlite")
    with DaskHere(tmp_path) as cluster:
        cluster.add_worker()
        cluster.add_worker()
        there = runs(*LAMP, "--faults", FEW, "--dask", f"scheduler-file:{cluster.file}", "--store", "two.sqlite")

    assert here["runs"] == there["runs"]
    assert table("one.sqlite") == table("two.sqlite")


def test_one_object_has_the_keys_that_programs_rely_on():
    found = runs(*LAMP, "--faults", FEW)

    assert {"runs", "coverage", "wall_seconds"} <= set(found)
    keys = {
        "scenario",
        "fault",
        "procedure",
        "seed",
        "outcome",
        "classification",
        "detected_by",
        "detected_after_s",
        "digest",
    }
    assert all(keys <= set(run) for run in found["runs"])
    assert {run["fault"] for run in found["runs"]} == set(FEW.split(","))
    assert found["coverage"]["procedures"][LIGHT]["faults_tried"] == 3
    assert found["wall_seconds"] > 0


def test_the_command_that_is_printed_does_it_again():
    found = runs(*HERE, "--faults", "ATDome.encoder_slip,ATWhiteLight.bulb_dies", "--at", "warm", "--seeds", "2")

    assert [run["at"] for run in found["runs"]] == ["warm"] * 4
    for run in found["runs"]:
        again = json.loads(call(*shlex.split(run["command"])[1:], "--json").stdout)
        assert again["journal"]["digest"] == run["digest"]
        assert again["outcome"] == run["outcome"]


def test_faults_at_every_step_are_a_matrix():
    result = campaign(*HERE, "--faults", "ATDome.stall", "--at", "steps")

    assert result.exit_code == 0
    assert "1 people  2 say  3 ready  4 chiller  5 turn  6 lamp  7 warm  8 there" in result.stdout
    assert "@step STEP" in result.stdout


def test_random_moments_differ_from_seed_to_seed_and_come_again():
    first = runs(*HERE, "--faults", "ATDome.stall", "--at", "random", "--seeds", "2")
    again = runs(*HERE, "--faults", "ATDome.stall", "--at", "random", "--seeds", "2", "--fresh")

    assert len({run["injected_at_s"] for run in first["runs"]}) == 2
    assert [run["digest"] for run in first["runs"]] == [run["digest"] for run in again["runs"]]


def test_a_sample_is_the_same_each_time():
    plan = Plan(name="p", procedures=(LIGHT,), observatory=str(DATA / "small.yaml"), seeds=(1, 2), sample=5)

    cases = plan_cases(plan, lambda case: 100.0)

    assert len(set(cases)) == 5
    assert cases == plan_cases(plan, lambda case: 100.0)
    assert set(cases) < set(plan_cases(dataclasses.replace(plan, sample=None), lambda case: 100.0))


def test_a_campaign_that_was_killed_goes_on_and_gives_the_same_table():
    faults = (*HERE, "--faults", "ATWhiteLight")
    command = [sys.executable, "-m", "cscsim", "campaign", *faults, "--store", "runs.sqlite"]
    killed = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while killed.poll() is None:
        time.sleep(0.01)
        if Path("runs.sqlite").exists() and _rows("runs.sqlite") > 3:
            killed.send_signal(signal.SIGKILL)
            killed.wait()
    there = _rows("runs.sqlite")

    gone_on = runs(*faults, "--store", "runs.sqlite")
    whole = runs(*faults, "--store", "whole.sqlite")

    assert 3 < there < len(whole["runs"])
    assert gone_on["runs_that_were_kept"] == there - 1
    assert gone_on["runs"] == whole["runs"]
    assert table("runs.sqlite") == table("whole.sqlite")


def _rows(path):
    try:
        file = sqlite3.connect(path)
        try:
            return file.execute("SELECT count(*) FROM runs").fetchone()[0]
        finally:
            file.close()
    except sqlite3.OperationalError:
        return 0


def test_a_finding_fails_only_if_asked():
    lamp = (*HERE, "--faults", "ATWhiteLight.bulb_dies", "--at", "warm")

    found = campaign(*lamp, "--json", "--fail-on", "silent,stuck")

    assert found.exit_code == 0
    (run,) = json.loads(found.stdout)["runs"]
    assert run["classification"] == "detected"
    assert campaign(*lamp, "--fail-on", "silent,detected").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "say what is rehearsed"),
        (("--procedure", "weakly"), "did you mean weekly?"),
        ((*LAMP, "--faults", "ATDme"), "there is no component ATDme here; did you mean ATDome?"),
        ((*LAMP, "--faults", "ATDome.stal"), "ATDome has no fault stal; did you mean stall?"),
        ((*LAMP, "--faults", "ATDome.stall@5 s"), "leave the time out"),
        ((*LAMP, "--at", "wram"), "light has no step wram"),
        ((*LAMP, "--fail-on", "slient"), "--fail-on slient: is no class of a run; did you mean silent?"),
        ((*LAMP, "--seeds", "0"), "0 is not in the range x>=1"),
        ((*LAMP, "--report", "no/such/page.html"), "--report no/such/page.html: cannot be written"),
        ((*LAMP, "--set", "power=many"), "power"),
        ((*LAMP, "--dask", "127.0.0.1:8786"), "is no address of a scheduler"),
        ((*LAMP, "--dask", "tcp://127.0.0.1:8786", "--workers", "2"), "leave one of them out"),
        (("weekly_matrx",), "there is no campaign weekly_matrx; did you mean weekly_matrix?"),
        (("weekly_matrix", "--seeds", "2"), "--seeds is said by weekly_matrix"),
    ],
)
def test_bad_input_is_told_before_anything_is_run(arguments, message):
    result = campaign(*arguments)

    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_store_that_is_none_is_refused():
    write(Path("notes.sqlite"), *["some words that are no database"] * 40)

    result = campaign(*LAMP, "--store", "notes.sqlite")

    assert result.exit_code == 2
    assert "notes.sqlite: cannot be used as the store of a campaign" in result.stderr


def test_every_mistake_of_a_file_is_told_with_its_line():
    path = write(
        Path("mine.yaml"),
        "campaign: mine",
        f"procedures: [{LIGHT}]",
        f"observatory: {DATA / 'small.yaml'}",
        "faults:",
        "  - ATDome",
        "  - ATDom.stall",
        "  - ATWhiteLight.bulb_dis",
        "at: [beginning, wram]",
    )

    result = campaign(f"./{path}")

    assert result.exit_code == 2
    assert "mine.yaml:6:5: " in result.stderr
    assert "did you mean ATDome?" in result.stderr
    assert "mine.yaml:7:5: " in result.stderr
    assert "did you mean bulb_dies?" in result.stderr
    assert "mine.yaml:8:17: " in result.stderr


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("sampel: 3", "did you mean sample?"),
        ("seeds: 0", "mine.yaml:3"),
        ("safe_end: [{name: home, that: ATDome.azimth within 1 deg of 3 deg}]", "azimth"),
    ],
)
def test_a_file_with_one_mistake(line, message):
    text = ["campaign: mine", f"procedures: [{LIGHT}]", line, f"observatory: {DATA / 'small.yaml'}", "faults: [ATDome]"]

    result = campaign(f"./{write(Path('mine.yaml'), *text)}")

    assert result.exit_code == 2
    assert message in result.stderr


def test_a_file_may_ask_for_more_at_the_end():
    text = [
        "campaign: mine",
        "title: The dome comes home",
        f"procedures: [{LIGHT}]",
        f"observatory: {DATA / 'small.yaml'}",
        "faults: [ATDome.encoder_slip]",
        "safe_end: [{name: the shutter is closed, that: ATWhiteLight.shutter is CLOSED}]",
    ]

    found = runs(f"./{write(Path('mine.yaml'), *text)}", "--workers", "1")

    assert [run["classification"] for run in found["runs"]] == ["harmless"]
    assert found["campaign"] == "mine"


@pytest.mark.parametrize("name", known("campaigns"))
def test_every_campaign_that_comes_along_can_be_read(name):
    assert read_campaign(name).name == name


def test_the_steps_of_a_matrix_are_in_the_order_of_the_procedure():
    result = campaign(*HERE, "--faults", "ATDome.stall", "--at", "warm,people,beginning")

    assert "at the beginning of: 1 beginning  2 people  3 warm" in result.stdout
