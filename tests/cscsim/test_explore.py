"""explore: what is printed, what a program gets, and how it ends."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys

import pytest

from tests.cscsim.cli import call


def test_components_that_go_their_own_ways_are_counted_together():
    result = call("explore", "ATMonochromator", "ATOODS", "Watcher")

    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()[1:4]] == ["ATMonochromator", "ATOODS", "Watcher"]
    assert "in every combination" in " ".join(result.stdout.split())


def test_a_component_by_its_alias_and_index_is_explored():
    assert call("explore", "ATMount", "--max-states", "100").stdout.splitlines()[1].startswith("ATMCS ")
    assert call("explore", "OCPS:1").stdout.splitlines()[1].startswith("OCPS:1 ")


def test_what_is_left_out_is_said():
    result = call("explore", "ATMCS", "--max-states", "100")

    assert "not exhausted" in result.stdout.splitlines()[1]


def test_faults_are_told_with_what_brings_the_component_back():
    result = call("explore", "ATHexapod", "--faults")

    rows = {
        line.split()[0]: line.split("  ")[-1].strip() for line in result.stdout.splitlines() if "ATHexapod." in line
    }
    assert rows["ATHexapod.telemetry_loop_closed"] == "commands"
    assert rows["ATHexapod.controller_off"] == "its cure"


def test_without_faults_it_says_that_more_comes_about_with_them():
    result = call("explore", "ATHexapod")

    assert "--faults tells which of them never can" in " ".join(result.stdout.split())


def test_what_is_only_worth_a_look_is_shown_on_demand():
    less, more = call("explore", "ATOODS", "--faults"), call("explore", "ATOODS", "--faults", "--all")

    assert "--all shows them" in less.stdout
    assert "only a cure" not in less.stdout
    assert "ingest FAILING" in more.stdout


def test_an_invariant_that_breaks_is_told_with_the_way_there_and_fails():
    result = call("explore", "ATOODS", "--invariant", "ATOODS is not ENABLED")

    assert result.exit_code == 1
    assert "broken  ATOODS is not ENABLED" in result.stdout
    assert "  1  command ATOODS.start" in result.stdout
    assert "  2  command ATOODS.enable" in result.stdout


def test_an_invariant_that_holds_is_told():
    result = call("explore", "ATOODS", "--invariant", "ATOODS.ingest is WORKING")

    assert (result.exit_code, "holds  ATOODS.ingest is WORKING" in result.stdout) == (0, True)


def test_a_program_gets_one_object():
    result = call("explore", "ATOODS", "--faults", "--invariant", "ATOODS is not FAULT", "--json")

    report = json.loads(result.stdout)
    assert report["exhausted"]
    assert report["groups"][0]["components"] == ["ATOODS"]
    assert report["groups"][0]["situations"] == 4
    assert report["invariants"][0]["verdict"] == "holds"
    assert {each["fault"] for each in report["faults"]["ATOODS"]} == {"ingest_fails", "silent"}
    assert {"kind", "component", "subject", "because", "trace"} == set(report["findings"][0])


def test_an_observatory_is_explored_component_by_component():
    report = json.loads(call("explore", "auxtel", "--json", "--max-states", "2000").stdout)

    assert {"ATDome"} in [set(group["components"]) for group in report["groups"]]
    assert all(len(group["components"]) == 1 for group in report["groups"])
    assert report["together"] is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ATDom"], "cscsim: there is no component ATDom; did you mean ATDome?"),
        (["OCPS:7"], "cscsim: OCPS takes index 1 or 2 or 3 or 101, not 7"),
        (["ATDome:1"], "cscsim: ATDome takes no index, not 1"),
        (["auxtel", "ATDome"], "cscsim: an observatory is explored alone; name one observatory, or components"),
        (["ATDome", "--invariant", "ATDome.man_door is OPENED"], "did you mean ATDome.main_door?"),
        (["ATDome", "--invariant", "ATMCS is ENABLED"], "ATMCS"),
        (["ATDome", "--max-states", "0"], "0 is not in the range x>=1"),
    ],
)
def test_a_wrong_argument_is_explained(arguments, message):
    result = call("explore", *arguments)

    assert result.exit_code == 2
    assert message in result.stderr


def test_on_a_terminal_it_says_how_far_it_is():
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "cscsim", "explore", "ATMCS"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=slave, env=os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    ) as process:
        os.close(slave)
        shown = b""
        while True:
            try:
                more = os.read(master, 4096)
            except OSError:  # the other end is closed
                break
            if not more:
                break
            shown += more
        process.wait()
    os.close(master)

    assert process.returncode == 0
    assert b"situations" in shown
    assert b"a second" in shown
