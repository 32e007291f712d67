"""`cscsim coverage` as a person, a build server or a program uses it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cscsim.cli import LIGHT, SMALL, call

LAMP = ("--procedure", LIGHT, *SMALL)
FEW = "ATDome.not_homed,ATWhiteLight.bulb_dies"


def campaign(store, *options):
    told = call("campaign", *LAMP, "--faults", FEW, "--at", "warm", "--store", str(store), *options)
    assert told.exit_code == 0, told.stderr
    return told


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the store of a campaign, what it said, and a journal."""
    path = tmp_path_factory.mktemp("runs")
    told = campaign(path / "s.sqlite", "--workers", "1", "--json")
    (path / "campaign.json").write_text(told.stdout)
    assert call("rehearse", LIGHT, *SMALL, "--yes", "--journal", str(path / "light.jsonl")).exit_code == 0
    return path


def coverage(*arguments):
    result = call("coverage", *map(str, arguments), "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_store_is_told_by_component_and_procedure(folder):
    result = call("coverage", str(folder / "s.sqlite"))

    assert result.exit_code == 0
    assert "in 3 runs of light" in result.stdout
    assert "ATWhiteLight" in result.stdout
    assert "faults × steps" in result.stdout


def test_figures_and_what_is_missing_are_told_in_json(folder):
    told = coverage(folder / "s.sqlite")

    assert told["runs"] == 3
    assert set(told["components"]) == {"ATDome", "ATWhiteLight"}
    dome = told["components"]["ATDome"]
    assert dome["faults"] == [1, 22]
    assert {"what": "stall injected", "how": "--fault ATDome.stall"} in told["missing"]["ATDome"]["faults"]
    light = told["procedures"]["light"]
    assert light["steps"]["begun"][0] == light["steps"]["begun"][1]
    assert light["faults_at_steps"][0] == 2


def test_what_was_written_is_read_again_and_merged(folder, tmp_path):
    path = tmp_path / "all.json"
    path.write_text(json.dumps(coverage(folder / "s.sqlite"), indent=1))

    again, twice = coverage(path), coverage(path, folder / "s.sqlite")

    assert again == coverage(folder / "s.sqlite")
    assert twice["runs"] == 6
    assert twice["components"] == again["components"]


def test_a_journal_is_run_again_and_tells_more_than_its_records(folder, tmp_path):
    whole = coverage(folder / "light.jsonl")
    cut = tmp_path / "cut.jsonl"
    lines = (folder / "light.jsonl").read_bytes().splitlines(keepends=True)
    cut.write_bytes(b"".join(lines[:-1]))

    alone = coverage(cut)

    assert whole["notes"] == []
    assert "only its records count" in alone["notes"][0]
    assert alone["components"]["ATDome"]["states"] == whole["components"]["ATDome"]["states"]
    assert alone["components"]["ATWhiteLight"]["transitions"][0] < whole["components"]["ATWhiteLight"]["transitions"][0]
    assert whole["procedures"]["light"]["conditions"]["both"] > alone["procedures"]["light"]["conditions"]["both"]


def test_a_run_without_a_fault_is_the_same_from_its_journal_and_from_a_store(folder, tmp_path):
    store = tmp_path / "one.sqlite"
    assert call("campaign", *LAMP, "--faults", "ATDome.rain", "--workers", "1", "--store", str(store)).exit_code == 0
    with sqlite3.connect(store) as file:
        file.execute("DELETE FROM runs WHERE classification <> 'baseline'")
    file.close()

    assert coverage(store)["items"] == coverage(folder / "light.jsonl")["items"]


def test_a_campaign_tells_the_same_of_its_runs(folder):
    said = json.loads((folder / "campaign.json").read_text())["coverage"]
    told = coverage(folder / "s.sqlite")

    assert said["tried"]["components"] == told["components"]
    assert said["tried"]["procedures"] == told["procedures"]
    assert "stall injected" in said["never_tried"]["ATDome"]["faults"]
    assert "transitions" not in said["never_tried"]["ATDome"]


def test_the_number_of_workers_changes_nothing(folder, tmp_path):
    campaign(tmp_path / "two.sqlite", "--workers", "2")

    assert coverage(tmp_path / "two.sqlite") == coverage(folder / "s.sqlite")


def test_one_component_is_told_with_what_would_reach_the_rest(folder):
    told = call("coverage", str(folder / "s.sqlite"), "--component", "ATDome", "--missing").stdout

    assert "--fault ATDome.stall" in told
    assert "ATWhiteLight" not in told.split("Never tried")[0].split("in 3 runs")[1]


def test_one_procedure_is_told_with_the_campaign_that_strikes_its_steps(folder):
    told = call("coverage", str(folder / "s.sqlite"), "--procedure", "light", "--missing").stdout

    assert "Components" not in told
    assert "--faults all --at steps" in told


def test_less_than_is_wanted_fails(folder):
    store = str(folder / "s.sqlite")

    few, enough = (call("coverage", store, "--fail-under", percent) for percent in ("99", "1"))

    assert (few.exit_code, enough.exit_code) == (1, 0)
    assert "is less than --fail-under 99" in few.stderr


def test_a_page_stands_alone_and_says_what_was_never_tried(folder, tmp_path):
    page = tmp_path / "page.html"

    assert call("coverage", str(folder / "s.sqlite"), "--report", str(page)).exit_code == 0

    text = page.read_text()
    assert '<details id="ATDome">' in text
    assert "--fault ATDome.stall" in text
    assert text.count('class="struck"') == 2
    assert "http" not in text


def test_without_a_file_the_stores_of_the_folder_are_merged(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    nothing = call("coverage")
    Path(".cscsim/campaigns").mkdir(parents=True)
    for name in ("a", "b"):
        Path(f".cscsim/campaigns/{name}.sqlite").write_bytes((folder / "s.sqlite").read_bytes())

    assert nothing.exit_code == 2
    assert "there is no store under .cscsim/campaigns" in nothing.stderr
    assert coverage()["runs"] == 6


def test_runs_of_other_code_are_left_out_and_said_so(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("cscsim.coverage_sources.world_of", lambda: "another")

    result = call("coverage", str(folder / "s.sqlite"))

    assert result.exit_code == 2
    assert "there is nothing to count" in result.stderr
    assert "3 runs are older than the code or a file" in result.stderr


def test_runs_of_which_nothing_was_counted_are_left_out(folder, tmp_path):
    old = tmp_path / "old.sqlite"
    old.write_bytes((folder / "s.sqlite").read_bytes())
    with sqlite3.connect(old) as file:
        file.execute("UPDATE runs SET run = json_remove(run, '$.coverage')")
    file.close()

    both = coverage(old, folder / "s.sqlite")

    assert both["runs"] == 3
    assert "of 3 runs nothing was counted" in both["notes"][0]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("notes.txt", b"some words\n", "notes.txt:1: not a journal record, and no store of a campaign or coverage"),
        ("other.json", b'{"runs": []}', "other.json:1: not a journal record, and no store of a campaign or coverage"),
        ("empty", b"", "empty:1: not a journal record"),
        ("bad.json", b'{"coverage": 1, "items": [3]}', "bad.json: is no coverage of `cscsim coverage --json`"),
        ("x.sqlite", b"SQLite format 3\0 and no more", "x.sqlite: is no store of a campaign"),
    ],
)
def test_a_file_that_is_none_of_these_is_refused(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)

    result = call("coverage", str(path))

    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_that_is_not_there_is_told(tmp_path):
    result = call("coverage", str(tmp_path / "no.sqlite"))

    assert result.exit_code == 2
    assert "no.sqlite: cannot be read: No such file" in result.stderr


@pytest.mark.parametrize(
    ("option", "name", "message"),
    [
        ("--component", "ATDme", "--component ATDme: is not there; did you mean ATDome?"),
        ("--procedure", "lihgt", "--procedure lihgt: is not there; did you mean light?"),
    ],
)
def test_a_misspelt_name_is_told_with_the_nearest(folder, option, name, message):
    result = call("coverage", str(folder / "s.sqlite"), option, name)

    assert result.exit_code == 2
    assert message in result.stderr


def test_a_procedure_that_is_gone_is_left_out_and_said_so(folder, tmp_path):
    data = coverage(folder / "s.sqlite")
    data["items"] = [["run", "gone", "", "auxtel", "", 1] if item[0] == "run" else item for item in data["items"]]
    path = tmp_path / "gone.json"
    path.write_text(json.dumps(data))

    told = coverage(path)

    assert any("procedure gone is left out" in note for note in told["notes"])
    assert "ATMCS" in told["components"]


@pytest.mark.parametrize("files", [("s.sqlite",), ("s.sqlite", "light.jsonl"), ("all.json",)])
def test_a_drawing_counts_stores_journals_and_coverages(folder, files):
    (folder / "all.json").write_text(json.dumps(coverage(folder / "s.sqlite")))
    options = [word for name in files for word in ("--coverage", str(folder / name))]

    lamp = call("diagram", "ATWhiteLight.lamp", *options)
    steps = call("diagram", LIGHT, *SMALL, *options)

    assert lamp.exit_code == 0, lamp.stderr
    assert f"WARMUP (4)<br/>×{3 + (len(files) - 1)}" in lamp.stdout
    assert "fill:#f7f7f7" in lamp.stdout
    assert steps.stderr.startswith("visited: ")
    assert f"×{3 + (len(files) - 1)}" in steps.stdout


def test_a_drawing_of_a_store_whose_runs_are_too_old_is_refused(folder, monkeypatch):
    monkeypatch.setattr("cscsim.coverage_sources.world_of", lambda: "another")

    result = call("diagram", "ATDome", "--coverage", str(folder / "s.sqlite"))

    assert result.exit_code == 2
    assert "older than the code" in result.stderr
