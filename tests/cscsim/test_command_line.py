"""The command as a whole: help at once, exit codes, what goes to which stream."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from fsm import read_journal
from tests.cscsim.cli import DATA, LIGHT, SMALL, call, in_a_process

HEAVY = {"numpy", "pydantic", "lark", "yaml", "rich", "fsm", "csc", "procedures", "transitions", "jsonschema"}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["rehearse", "--help"], ["list", "--help"], ["explore", "--help"], ["--version"]]
)
def test_help_loads_nothing_heavy(arguments):
    code = (
        "import sys\nfrom cscsim.command_line import main\n"
        f"main({arguments!r}, standalone_mode=False)\nprint(*sys.modules, file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert HEAVY.isdisjoint(done.stderr.split())
    assert done.stdout


def test_examples_in_help_stand_on_lines_of_their_own():
    help_text = call("--help").stdout

    assert "\n    cscsim rehearse weekly --fault ATDome.encoder_slip:slip=2.5deg\n" in help_text
    assert "\\b" not in help_text


def test_help_names_every_command():
    result = call("--help")

    assert result.exit_code == 0
    for name in ("rehearse", "campaign", "replay", "diff", "check", "explore", "list", "show", "diagram"):
        assert f"\n  {name} " in result.stdout


def test_a_passed_rehearsal_exits_0_with_a_summary_on_stdout_only():
    done = in_a_process("rehearse", LIGHT, *SMALL, "--yes")

    text = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert "PASSED" in text
    assert "\x1b" not in text
    assert not any(line.endswith(" ") for line in text.splitlines())


def test_a_failed_rehearsal_exits_1_and_says_why():
    result = call("rehearse", LIGHT, *SMALL, "--yes", "--set", "azimuth=20")

    assert result.exit_code == 1
    assert "FAILED" in result.stdout
    assert "the dome is not at the screen" in result.stdout
    assert "home it and begin again" in result.stdout


def test_json_is_one_object_and_nothing_else():
    done = in_a_process("rehearse", LIGHT, *SMALL, "--yes", "--json", "--seed", "7")

    report = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"\n") == 1
    assert report["outcome"] == "passed"
    assert report["seed"] == 7
    assert [step["id"] for step in report["steps"]][:2] == ["people", "say"]
    assert report["components"]["ATWhiteLight"]["machines"]["lamp"] == "ON"


def test_json_of_a_failed_rehearsal_is_one_object_too():
    done = in_a_process("rehearse", LIGHT, *SMALL, "--yes", "--json", "--set", "azimuth=20")

    report = json.loads(done.stdout)
    assert done.returncode == 1
    (violated,) = report["conditions"]["violated"]
    assert violated["condition"] == "ATDome.azimuth within 1.5 deg of 3 deg"
    assert "ATDome.azimuth is" in violated["because"]


def test_json_of_bad_input_is_empty():
    done = in_a_process("rehearse", "wekly", "--yes", "--json")

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"cscsim: there is no procedure wekly; did you mean weekly?\n"


def test_the_same_seed_gives_the_same_digest_however_it_is_watched():
    arguments = ("rehearse", LIGHT, *SMALL, "--yes", "--seed", "3")

    first = json.loads(in_a_process(*arguments, "--json", PYTHONHASHSEED="1").stdout)["journal"]["digest"]
    second = json.loads(in_a_process(*arguments, "--json", PYTHONHASHSEED="2").stdout)["journal"]["digest"]
    other = json.loads(in_a_process(*arguments[:-1], "4", "--json").stdout)["journal"]["digest"]

    assert first == second != other
    assert f"digest   {first}" in call(*arguments).stdout


def test_the_journal_is_written(tmp_path):
    path = tmp_path / "light.jsonl"

    result = call("rehearse", LIGHT, *SMALL, "--yes", "--journal", str(path))

    records = list(read_journal(path))
    assert records[0]["kind"] == "run"
    assert records[-1]["kind"] == "end"
    assert f"{len(records)} records in {path}" in " ".join(result.stdout.split())


def test_a_fault_is_injected_and_told():
    result = call("rehearse", LIGHT, *SMALL, "--yes", "--fault", "ATWhiteLight.bulb_will_not_ignite:times=1")

    assert result.exit_code == 0
    assert "ATWhiteLight.bulb_will_not_ignite injected  times 1" in result.stdout
    assert "Timed out waiting for light, attempt 1 of 3" in result.stdout


def test_a_fault_may_come_later():
    result = call("rehearse", LIGHT, *SMALL, "--yes", "--fault", "ATDome.encoder_slip:slip=2deg@10min")

    assert "0:10:00  ATDome.encoder_slip injected  slip 2 deg" in result.stdout


def test_a_fault_may_wait_for_a_condition():
    fault = "ATDome.encoder_slip:slip=2deg@ATWhiteLight.lamp is WARMUP"

    result = call("rehearse", LIGHT, *SMALL, "--yes", "--fault", fault)

    assert "0:00:01  ATDome.encoder_slip injected  slip 2 deg" in result.stdout


def test_settings_are_yaml_scalars():
    result = call("rehearse", LIGHT, *SMALL, "--yes", "--json", "--set", "azimuth=3.5", "--set", "power=1.0e+3")

    report = json.loads(result.stdout)
    assert report["config"] == {"azimuth": 3.5, "power": 1000.0}


def test_a_person_is_missed_before_anything_begins(tmp_path):
    path = tmp_path / "light.jsonl"

    done = in_a_process("rehearse", LIGHT, *SMALL, "--journal", str(path))

    assert done.returncode == 2
    assert b"asks a person, and standard input is no terminal; --yes answers" in done.stderr
    assert b"Traceback" not in done.stderr
    assert path.read_bytes() == b""


def test_nobody_is_missed_where_nobody_is_asked():
    result = call("rehearse", str(DATA / "quiet.yaml"), *SMALL)

    assert result.exit_code == 0


def test_a_pipe_that_closes_early_is_no_traceback():
    code = f"{sys.executable} -m cscsim list faults --json | head -1"

    done = subprocess.run(["sh", "-c", code], capture_output=True, text=True, check=True)

    assert "Traceback" not in done.stderr


def test_a_terminal_without_our_signs_is_no_traceback():
    done = in_a_process("rehearse", LIGHT, *SMALL, "--yes", PYTHONIOENCODING="ascii")

    assert (done.returncode, done.stderr) == (0, b"")


def test_scripts_that_begin_at_the_same_time_stand_in_the_order_of_the_queue():
    lines = call("rehearse", "weekly", "--seed", "1", "--yes").stdout.splitlines()

    scripts = [word for line in lines for word in line.split()[:4] if word.isdigit() and word.startswith("2000")]
    assert len(scripts) == 19
    assert scripts == sorted(scripts)


def test_a_parameter_set_is_named_in_the_report_and_changes_the_run(tmp_path):
    quick = tmp_path / "quick.yaml"
    quick.write_text("parameter_set: quick\ntitle: t\ncomponents:\n  ATWhiteLight: {warmup_period: 60 s}\n")

    usual = json.loads(call("rehearse", LIGHT, *SMALL, "--yes", "--json").stdout)
    other = json.loads(call("rehearse", LIGHT, *SMALL, "--yes", "--json", "--parameters", str(quick)).stdout)

    assert (usual["parameter_set"], other["parameter_set"]) == ("summit", "quick")
    assert other["simulated_seconds"] < usual["simulated_seconds"]


def test_an_unknown_parameter_set_is_bad_input():
    result = call("rehearse", LIGHT, *SMALL, "--yes", "--parameters", "simulator")

    assert result.exit_code == 2
    assert "there is no parameter set simulator; did you mean simulators?" in result.stderr
