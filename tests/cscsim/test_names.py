"""list, show, diagram: whatever has a name can be listed and shown."""

from __future__ import annotations

import json

import pytest

from csc import load_catalogue
from cscsim.locate import known, open_site
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
    monkeypatch.setattr("procedures.library._HERE", tmp_path)
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


def test_a_component_is_drawn_with_all_its_machines():
    result = call("diagram", "ATDome")

    assert result.exit_code == 0
    assert "stateDiagram-v2" in result.stdout
    assert "main_door" in result.stdout


def test_one_machine_is_drawn_by_option_or_by_name():
    by_option = call("diagram", "ATDome", "--machine", "main_door").stdout

    assert by_option == call("diagram", "ATDome.main_door").stdout
    assert "dropout_door_opened" not in by_option


def test_the_summary_state_is_drawn():
    assert "STANDBY" in call("diagram", "ATDome", "--machine", "summary").stdout
