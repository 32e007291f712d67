"""cscsim diagram: components, machines and procedures in every format, marked and counted."""

from __future__ import annotations

import re
from xml.etree import ElementTree as Xml

import pytest

from tests.cscsim.cli import LIGHT, SMALL, call
from tests.graphviz import needs_dot

BEGINS = {"mermaid": "---\ntitle", "dot": "digraph", "svg": "<?xml", "plantuml": "@startuml", "scxml": "<?xml"}


@pytest.mark.parametrize("name", ["ATDome", "ATDome.main_door", "OCPS:1", "ATMount", "weekly", LIGHT])
@pytest.mark.parametrize("form", [pytest.param(form, marks=needs_dot() if form == "svg" else ()) for form in BEGINS])
def test_everything_that_has_a_name_is_drawn_in_every_format(form, name):
    result = call("diagram", name, "--format", form, *(SMALL if name == LIGHT else ()))

    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith(BEGINS[form])
    assert result.stderr == ""


def test_mermaid_is_what_is_written_if_no_format_is_named():
    assert call("diagram", "ATDome").stdout == call("diagram", "ATDome", "--format", "mermaid").stdout


def test_a_component_is_drawn_with_all_its_machines():
    assert "main_door" in call("diagram", "ATDome").stdout


def test_one_machine_is_drawn_by_option_or_by_name():
    by_option = call("diagram", "ATDome", "--machine", "main_door").stdout

    assert by_option == call("diagram", "ATDome.main_door").stdout
    assert "dropout_door_opened" not in by_option


def test_the_summary_state_is_drawn():
    assert "STANDBY" in call("diagram", "ATDome", "--machine", "summary").stdout


def test_states_are_marked():
    marked = call("diagram", "ATDome", "--highlight", "homing.HOMED", "--highlight", "summary.FAULT").stdout

    [paint] = re.findall(r"classDef (paint\d+) fill:#ffe08a", marked)
    assert f"class m__summary__FAULT,m__homing__HOMED {paint}" in marked


def test_a_state_of_a_machine_and_a_step_are_marked_by_their_own_names():
    assert "#ffe08a" in call("diagram", "ATDome.homing", "--highlight", "HOMED").stdout
    assert "#ffe08a" in call("diagram", "weekly", "--highlight", "setup").stdout


def test_states_say_what_they_mean_when_asked():
    assert "turns to a position" in call("diagram", "ATDome.drive", "--meanings").stdout


def test_a_drawing_is_written_to_a_file(tmp_path):
    path = tmp_path / "dome.mmd"

    result = call("diagram", "ATDome", "--output", str(path))

    assert result.stdout == ""
    assert path.read_text(encoding="utf-8") == call("diagram", "ATDome").stdout


def test_svg_without_graphviz_tells_what_to_do(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda program: None)

    result = call("diagram", "ATDome", "--format", "svg")

    assert result.exit_code == 1
    assert "Graphviz' program dot, which is not on the PATH; install it" in result.stderr
    assert result.stdout == ""


def test_scxml_is_a_state_chart():
    assert Xml.fromstring(call("diagram", "ATDome", "--format", "scxml").stdout).tag.endswith("scxml")


# ---------------------------------------------------------------------- coverage


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    path = tmp_path_factory.mktemp("journal") / "light.jsonl"
    assert call("rehearse", LIGHT, *SMALL, "--yes", "--journal", str(path)).exit_code == 0
    return str(path)


def test_what_a_journal_visited_of_a_machine_is_counted_and_the_rest_is_grey(journal):
    result = call("diagram", "ATWhiteLight.lamp", "--coverage", journal)

    visited, states = map(int, re.findall(r"visited: (\d+) of (\d+) states", result.stderr)[0])
    assert 0 < visited < states
    assert result.stdout.count("×") > visited
    assert re.search(r"WARMUP \(4\)<br/>×1", result.stdout)
    assert "fill:#f7f7f7" in result.stdout


def test_what_a_journal_visited_of_a_procedure_is_counted(journal):
    result = call("diagram", LIGHT, *SMALL, "--coverage", journal)

    done, steps = map(int, re.findall(r"visited: (\d+) of (\d+) steps", result.stderr)[0])
    assert 0 < done <= steps


def test_a_journal_of_something_else_has_visited_nothing(journal):
    assert call("diagram", "ATPtg.aiming", "--coverage", journal).stderr.startswith("visited: 0 of ")


def test_a_machine_that_never_moved_was_in_the_state_in_which_it_began(journal):
    assert call("diagram", "ATDome.homing", "--coverage", journal).stderr.startswith("visited: 1 of 3 states, 0 of")


def test_a_component_that_never_moved_was_where_its_observatory_has_it_begin(tmp_path):
    path = tmp_path / "queue.jsonl"
    run = '{"t": 0, "n": 1, "kind": "run", "who": "observer", "observatory": "auxtel", "procedure": "weekly"}'
    path.write_text(run + '\n{"t": 0, "n": 2, "kind": "log", "who": "ScriptQueue:2"}\n', encoding="utf-8")

    drawn = call("diagram", "ScriptQueue:2.summary", "--coverage", str(path)).stdout

    assert "ENABLED (2)<br/>×1" in drawn
    assert drawn.count("×") == 1


def test_a_journal_that_is_none_is_refused(tmp_path):
    path = tmp_path / "none.jsonl"
    path.write_text("no journal\n{}\n", encoding="utf-8")

    result = call("diagram", "ATDome", "--coverage", str(path))

    assert result.exit_code == 2
    assert result.stderr.startswith(f"{path}:1: not a journal record")
