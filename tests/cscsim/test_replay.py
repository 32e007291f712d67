"""`cscsim replay` as a person or a program uses it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from fsm import read_journal
from tests.cscsim.cli import DATA, LIGHT, SMALL, call, in_a_process

SLIP = "ATDome.encoder_slip:slip=2 deg"


@pytest.fixture
def journal(tmp_path):
    path = tmp_path / "run.jsonl"
    assert call("rehearse", LIGHT, *SMALL, "--yes", "--seed", "1", "--journal", str(path)).exit_code == 0
    return path


def replay(journal, *arguments):
    return call("replay", str(journal), *arguments)


def data(result):
    return json.loads(result.stdout)


def test_a_journal_comes_again(journal):
    result = replay(journal)

    assert result.exit_code == 0
    assert "The same: all 146 records up to 0:15:01" in result.stdout


def test_a_run_that_failed_comes_again_with_the_digest_of_its_report(tmp_path):
    path = tmp_path / "weekly.jsonl"
    arguments = ("--yes", "--fault", "ATDome.encoder_slip@20 min", "--journal", str(path), "--json")
    report = data(call("rehearse", "weekly", *arguments))

    again = data(replay(path, "--json"))

    assert report["outcome"] == "failed"
    assert again["verdict"] == "same"
    assert again["circumstances"]["faults"] == ["ATDome.encoder_slip@1200s"]
    assert again["digest"] == again["journal"]["digest"] == report["journal"]["digest"]


def test_it_stops_at_a_moment_and_says_why_it_is_not_done(journal):
    result = replay(journal, "--until", "5 min")

    assert result.exit_code == 0
    assert "Stopped at 0:05:00, after record #" in result.stdout
    assert "warm  Let the lamp warm up" in result.stdout
    assert "✗ false   waits until ATWhiteLight.lamp is ON" in result.stdout
    assert "ATWhiteLight.lamp is WARMUP, not ON" in result.stdout
    assert "lamp WARMUP" in result.stdout


def test_a_moment_as_data(journal):
    told = data(replay(journal, "--until", "ATWhiteLight.lamp is WARMUP", "--json"))

    assert told["verdict"] == "stopped"
    assert told["picture"]["steps"][0]["id"] == "lamp"
    assert told["records_same"] == told["picture"]["records"]


def test_a_moment_that_does_not_come(journal):
    result = replay(journal, "--until", "5 h")

    assert result.exit_code == 1
    assert "The run was over before 5 h came." in result.stdout


def test_a_journal_that_was_cut(journal):
    whole = journal.read_bytes()
    journal.write_bytes(whole[: len(whole) // 2])

    result = replay(journal)

    assert result.exit_code == 0
    assert "The same as far as it goes" in result.stdout
    assert "the journal was cut" in result.stdout


def test_a_journal_of_another_version_parts_and_says_where(journal):
    journal.write_bytes(journal.read_bytes().replace(b'"state":"WARMUP"', b'"state":"HEATING"'))

    result = replay(journal)
    told = data(replay(journal, "--json"))

    assert result.exit_code == 1
    assert "Not the same: up to 0:00:0" in result.stdout
    assert "ATWhiteLight.lamp goes from TURNING_ON to HEATING" in result.stdout
    assert "cscsim, its data sheets or its procedures have changed since then" in " ".join(result.stdout.split())
    assert told["verdict"] == "parted"
    assert (told["parting"]["journal"]["state"], told["parting"]["now"]["state"]) == ("HEATING", "WARMUP")


# ---------------------------------------------------------------------- files


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Work in a folder with a procedure and an observatory of one's own; return the journal of a run of them."""
    monkeypatch.chdir(tmp_path)
    for name in ("light.yaml", "small.yaml"):
        shutil.copy(DATA / name, name)
    arguments = ("--observatory", "small.yaml", "--yes", "--journal", "run.jsonl")
    assert call("rehearse", "light.yaml", *arguments).exit_code == 0
    return tmp_path / "run.jsonl"


def test_a_journal_names_the_files_that_its_run_was_read_from(own):
    first = next(iter(read_journal(own)))

    assert {what: source["path"] for what, source in first["files"].items()} == {
        "procedure": "light.yaml",
        "observatory": "small.yaml",
    }
    assert replay(own).exit_code == 0


def test_a_run_of_the_library_names_no_files(tmp_path):
    call("rehearse", "daytime_checkout", "--yes", "--journal", str(tmp_path / "run.jsonl"))

    assert "files" not in next(iter(read_journal(tmp_path / "run.jsonl")))


def test_a_file_that_has_changed_is_named(own):
    text = Path("light.yaml").read_text(encoding="utf-8")
    Path("light.yaml").write_text(text.replace("default: 910", "default: 900"), encoding="utf-8")

    result = replay(own)

    assert result.exit_code == 1
    assert "light.yaml has changed since: its SHA-256 was " in result.stdout
    assert "The files named above have changed since the journal was written." in result.stdout


def test_files_are_found_beside_the_journal(own, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)

    assert replay(own).exit_code == 0


def test_a_file_that_is_gone_is_named(own):
    Path("light.yaml").unlink()

    result = replay(own)

    assert result.exit_code == 2
    assert "its procedure was read from light.yaml, which is neither here nor beside the journal" in result.stderr


# ------------------------------------------------------------------- branches


def test_a_branch_goes_on_otherwise_and_comes_again(journal, tmp_path):
    output = tmp_path / "branch.jsonl"
    arguments = ("--until", "ATWhiteLight.lamp is WARMUP", "--fault", "ATWhiteLight.bulb_dies@1 min")

    result = replay(journal, *arguments, "--journal", str(output))

    assert result.exit_code == 1
    assert "Branched at ATWhiteLight.lamp is WARMUP, after record #" in result.stdout
    assert "Without it the run has passed at 0:15:01." in result.stdout
    assert "FAILED" in result.stdout
    again = replay(output)
    assert again.exit_code == 0
    assert "the run branches: fault ATWhiteLight.bulb_dies@60s" in again.stdout
    assert "The same: all" in again.stdout


def test_a_branch_of_a_branch_comes_again(journal, tmp_path):
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    replay(journal, "--until", "1 min", "--fault", SLIP, "--journal", str(first))
    replay(first, "--until", "5 min", "--fault", "ATWhiteLight.bulb_dies", "--journal", str(second))

    assert replay(second).exit_code == 0
    branches = [record for record in read_journal(second) if record["kind"] == "branch"]
    assert [branch["t"] for branch in branches] == [60.0, 300.0]


def test_a_scenario_file_is_branched_with_and_named(journal, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("dies.yaml").write_text(
        "scenario: dies\ntitle: The bulb dies\nfaults:\n  - {fault: ATWhiteLight.bulb_dies, at: 2 min}\n"
    )

    result = replay(journal, "--until", "5 min", "--then", "dies.yaml", "--journal", "branch.jsonl", "--json")

    told = data(result)
    assert (told["branch"]["scenario"], told["branch"]["files"]["scenario"]["path"]) == ("dies", "dies.yaml")
    (fault,) = [record for record in read_journal(Path("branch.jsonl")) if record["kind"] == "fault"]
    assert fault["t"] == 420.0
    assert replay(tmp_path / "branch.jsonl").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--until", "20"), "--until 20: 20 is no time"),
        (("--until", "ATDome.azimut > 3 deg"), "did you mean ATDome.azimuth?"),
        (("--then", "encoder_slip"), "say which with --until"),
        (("--fault", SLIP), "say which with --until"),
        (("--journal", "x.jsonl"), "--journal is for a branch"),
        (("--step",), "--step needs a terminal"),
        (("--step", "--json"), "leave one of them out"),
        (("--step", "--until", "1 min", "--fault", SLIP), "leave one of them out"),
        (("--until", "5 h", "--fault", SLIP), "--until 5 h: did not come; the run was over at 0:15:01"),
        (("--until", "1 min", "--then", "encoder_slop"), "did you mean encoder_slip?"),
        (("--until", "1 min", "--fault", "ATDome.slip"), "ATDome has no fault slip"),
    ],
)
def test_wrong_arguments_are_told(journal, arguments, message):
    result = replay(journal, *arguments)

    assert result.exit_code == 2
    assert message in result.stderr


def test_a_branch_does_not_overwrite_its_journal(journal):
    before = journal.read_bytes()

    result = replay(journal, "--until", "1 min", "--fault", SLIP, "--journal", str(journal))

    assert result.exit_code == 2
    assert "is the journal that is replayed" in result.stderr
    assert journal.read_bytes() == before


def test_what_its_run_needs_and_is_there_no_more_is_named(journal):
    journal.write_bytes(journal.read_bytes().replace(b'"scenario":null', b'"scenario":"encoder_slop"', 1))

    result = replay(journal)

    assert result.exit_code == 2
    assert "cannot be run again: there is no scenario encoder_slop; did you mean encoder_slip?" in result.stderr


def test_a_journal_whose_last_line_was_cut_is_replayed_as_far_as_it_goes(tmp_path):
    path = tmp_path / "run.jsonl"
    in_a_process("rehearse", LIGHT, *SMALL, "--yes", "--journal", str(path))
    path.write_bytes(path.read_bytes()[:-20])

    result = in_a_process("replay", str(path))

    assert result.returncode == 0
    assert b"Traceback" not in result.stderr


def test_a_journal_that_a_test_has_made_is_told_to_be_one(journal):
    lines = journal.read_bytes().split(b"\n", 1)
    first = json.loads(lines[0]) | {"procedure": None}
    journal.write_bytes(json.dumps(first, separators=(",", ":")).encode() + b"\n" + lines[1])

    result = replay(journal)

    assert result.exit_code == 2
    assert "a test of pytest has made it" in result.stderr
    assert "run the test again" in result.stderr
    assert call("diff", str(journal), str(journal)).exit_code == 0
