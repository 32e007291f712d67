"""list, show: whatever has a name can be listed and shown."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from csc import load_catalogue
from cscsim.command_line import main
from cscsim.locate import known, open_home, open_site
from cscsim.pages import example_of
from procedures import parse_injection
from tests.cscsim.cli import call


@pytest.mark.parametrize("kind", ["components", "procedures", "faults", "scenarios", "observatories"])
def test_every_kind_is_listed_as_table_and_as_json(kind):
    table, array = call("list", kind), call("list", kind, "--json")

    names = [row["name"] for row in json.loads(array.stdout)]
    assert (table.exit_code, array.exit_code) == (0, 0)
    assert names
    lines = table.stdout.splitlines()
    assert all(any(name in line for line in lines) for name in names)


def test_a_procedure_that_does_not_load_is_listed_with_its_mistake(monkeypatch, tmp_path):
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "broken.yaml").write_text("procedure: broken.py\nkind: script\ntitle: x\nstps: []\n")
    monkeypatch.setattr("procedures.shelf._HERE", tmp_path)
    monkeypatch.setattr("cscsim.locate.Blocks", lambda library: None)

    result = call("list", "procedures")

    assert result.exit_code == 2
    assert "unknown key stps; did you mean steps?" in " ".join(result.stdout.split())


@pytest.mark.parametrize("component", sorted(load_catalogue()))
def test_every_component_is_shown_with_all_it_has(component):
    plan = load_catalogue()[component]

    result = call("show", component)

    words = result.stdout.split()
    assert result.exit_code == 0
    assert plan.title in result.stdout
    assert set(plan.machines) <= set(words)
    assert set(plan.faults) <= set(words)
    assert all(f"{command}(" in result.stdout for command in plan.commands)


@pytest.mark.parametrize("name", open_site().library.names())
def test_every_procedure_is_shown(name):
    result = call("show", name)

    assert result.exit_code == 0
    assert "Steps" in result.stdout


def test_a_procedure_is_shown_step_by_step():
    text = call("show", "misalignment").stdout

    for section in ("Warnings", "Configuration", "Steps", "If it does not work", "Sources"):
        assert f"\n{section} ─" in text
    assert "look at dome webcams" in text


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize(("arguments", "prefix"), [(("list", "faults"), "ATDome."), (("show", "ATDome"), "")])
def test_faults_are_told_with_effect_sight_and_cure(width, arguments, prefix, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    result = CliRunner().invoke(main, arguments)

    text = " ".join(result.stdout.split())
    for fault in load_catalogue()["ATDome"].faults.values():
        told = f"effect {fault.meaning} seen {fault.seen} cure {fault.cure}"
        assert " ".join(told.split()) in text
    assert f"{prefix}encoder_slip slip=2 deg effect The encoder's wheel" in text
    assert max(len(line) for line in result.stdout.splitlines()) <= width


def test_faults_of_a_component_stand_under_its_title():
    lines = call("list", "faults").stdout.splitlines()

    assert lines[lines.index("ATDome  Dome of the Auxiliary Telescope") + 1].startswith("ATDome.encoder_slip")


def test_a_fault_is_shown_with_how_it_is_seen_and_cured():
    text = " ".join(call("show", "ATDome.encoder_slip").stdout.split())

    assert "falls below 10000 counts" in text
    assert "cure homeAzimuth" in text
    assert "-180 deg – 180 deg" in text
    assert "--fault ATDome.encoder_slip:slip=2deg" in text


def test_an_alias_and_an_index_name_the_component():
    assert call("show", "ATMount").stdout == call("show", "ATMCS").stdout
    assert call("show", "OCPS:1").stdout == call("show", "OCPS").stdout


def test_a_machine_is_shown_with_its_transitions():
    text = call("show", "ATDome.main_door").stdout

    assert "PARTIALLYOPENED" in text
    assert "open_main_door" in text


@pytest.mark.parametrize("name", [*known("scenarios"), *known("observatories"), "BLOCK-309"])
def test_scenarios_observatories_and_blocks_are_shown(name):
    result = call("show", name)

    assert result.exit_code == 0
    assert result.stdout.startswith(name)


def test_every_fault_can_be_typed_as_it_is_shown():
    truth = open_site().truth
    for component, plan in load_catalogue().items():
        name = next((known for known in truth.blueprints if known.partition(":")[0] == component), None)
        if name is None:
            continue
        for fault in plan.faults.values():
            injection = parse_injection(example_of(name, fault), truth)
            assert (injection.component, injection.fault) == (name, fault.name)


@pytest.mark.parametrize(
    ("procedure", "observatory"),
    [
        ("weekly", "auxtel"),
        ("comcam", "comcam"),
        ("make_comcam_calibrations", "comcam"),
        ("set_summary_state", "auxtel"),
        ("no such procedure", "auxtel"),
    ],
)
def test_a_procedure_is_at_home_where_its_components_are(procedure, observatory):
    assert open_home(procedure).sheet.observatory == observatory


def test_a_file_may_name_its_observatory(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("procedure: mine\nkind: rehearsal\ntitle: mine\nobservatory: comcam\nsteps: [{wait: 1 s}]\n")

    assert open_home(str(path)).sheet.observatory == "comcam"


def test_an_observatory_that_is_named_stands_above_the_home():
    assert open_home("comcam", "auxtel").sheet.observatory == "auxtel"


def test_elsewhere_it_is_told_which_components_are_missing():
    result = call("rehearse", "enable_latiss", "--observatory", "comcam")

    assert result.exit_code == 2
    assert "scripts/auxtel/enable_latiss.yaml: needs ATCamera, ATSpectrograph" in result.stderr


def test_a_rehearsal_and_its_observatory_of_the_same_name_are_both_shown():
    text = call("show", "comcam").stdout

    assert text.startswith("comcam  ComCam calibrations")
    assert "\ncomcam  ComCam on its test stand" in text


def test_a_component_that_is_like_another_says_so():
    assert "like        ATCamera" in call("show", "CCCamera").stdout
