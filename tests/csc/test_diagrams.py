from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from csc import Blueprint, load_catalogue
from csc.causes import causes_of
from csc.diagrams import charts_of, draw_component, mermaid_component, mermaid_component_machine, visits_of_component
from csc.palette import SUMMARY_COLOURS
from fsm import Record
from fsm.diagrams import PAINTS, WRITERS, Shape, write_dot, write_svg
from tests.csc.tiny import catalogue
from tests.fsm.diagrams.grammar import CHECKS, check_svg
from tests.graphviz import canonical, needs_dot

TINY = catalogue()["Tiny"]
PLANS: dict[str, Blueprint] = {**dict(load_catalogue()), **dict(catalogue())}


@pytest.mark.parametrize("form", [form for form in WRITERS if form != "svg"])
def test_a_component_is_written_the_same_each_time(form: str, golden: Callable[[str, str], None]) -> None:
    golden(WRITERS[form](draw_component(TINY)), f"diagrams/Tiny.{form}")


def test_a_component_is_drawn_with_meanings_and_where_it_is(golden: Callable[[str, str], None]) -> None:
    active = {"summary": "ENABLED", "lamp": "WARMUP"}

    golden(mermaid_component(TINY, active=active, notes=True), "diagrams/Tiny_notes.mermaid")


def test_one_machine_of_a_component_is_drawn(golden: Callable[[str, str], None]) -> None:
    golden(mermaid_component_machine(TINY, "lamp", active="ON"), "diagrams/Tiny.lamp.mermaid")


def test_a_time_shows_its_parameter_and_default() -> None:
    assert "after warmup (10 s)" in mermaid_component_machine(TINY, "lamp")


def test_commands_that_a_component_does_not_have_are_not_drawn() -> None:
    assert "enterControl" in mermaid_component_machine(TINY, "summary")
    assert "enterControl" not in mermaid_component_machine(catalogue()["Peer"], "summary")


def test_a_machine_that_is_not_there_is_not_drawn() -> None:
    with pytest.raises(KeyError):
        draw_component(TINY, "lapm")


@pytest.mark.parametrize("component", PLANS)
@pytest.mark.parametrize("form", CHECKS)
def test_every_component_and_machine_keeps_the_grammar_of_the_format(form: str, component: str) -> None:
    plan = PLANS[component]

    for machine, meanings in itertools.product((None, *charts_of(plan)), (False, True)):
        drawing = draw_component(plan, machine, meanings=meanings)
        CHECKS[form](WRITERS[form](drawing), drawing)


@needs_dot()
def test_graphviz_reads_every_component_and_machine() -> None:
    drawings = [draw_component(plan, machine) for plan in PLANS.values() for machine in (None, *charts_of(plan))]

    assert canonical(map(write_dot, drawings)).count("digraph ") == len(drawings)


@needs_dot()
@pytest.mark.parametrize("component", PLANS)
def test_every_component_and_machine_is_laid_out_as_svg(component: str) -> None:
    for machine in (None, *charts_of(PLANS[component])):
        drawing = draw_component(PLANS[component], machine)
        check_svg(write_svg(drawing), drawing)


# ----------------------------------------------------------- what a sheet adds


def test_summary_states_have_the_colours_of_the_palette() -> None:
    paints = {node.key[1]: node.paint for node in draw_component(TINY).nodes if node.key and node.key[0] == "summary"}

    assert paints == {state: colour.paint for state, colour in SUMMARY_COLOURS.items()}


def test_the_colours_of_summary_states_are_those_of_the_terminal() -> None:
    from cscsim.style import STATES

    assert {state: (colour.letter, colour.style) for state, colour in SUMMARY_COLOURS.items()} == STATES


def test_guards_of_a_command_stand_in_a_note_beside_the_machine_that_listens() -> None:
    notes = [node.lines for node in draw_component(TINY, "lamp").nodes if node.shape is Shape.NOTE]

    assert ("turnOn is refused unless", "• argument.power > 0 W:", "“power={argument.power:.0f} W is none”") == notes[
        0
    ][:3]


def test_in_a_component_a_command_is_noted_only_once() -> None:
    plan = load_catalogue()["ATDome"]
    heads = [node.lines[0] for node in draw_component(plan).nodes if node.shape is Shape.NOTE]

    assert "openShutter is refused unless" in heads
    assert len(heads) == len(set(heads))


def test_a_trigger_is_a_faults_or_a_cures_own_unless_something_ordinary_fires_it() -> None:
    assert causes_of(TINY) == {
        "smash": "by_fault",
        **dict.fromkeys(
            sorted(f"{fault}_cleared" for fault in TINY.faults),
            "by_cure",
        ),
    }


@pytest.mark.parametrize(("trigger", "caused"), [("powered", False), ("stone_cleared", True)])
def test_what_a_row_emits_is_a_faults_own_only_if_the_row_is(trigger: str, caused: bool) -> None:
    [row] = TINY.machines["counter"].transitions
    counter = replace(TINY.machines["counter"], transitions=(replace(row, on=(trigger,), emits=("smash",)),))

    causes = causes_of(replace(TINY, machines={**TINY.machines, "counter": counter}))

    assert ("smash" in causes) is caused


def test_only_what_faults_trigger_is_drawn_as_a_broken_red_line() -> None:
    drawing = draw_component(load_catalogue()["ATDome"], "connection")

    red = {edge.lines[0] for edge in drawing.edges if edge.paint == PAINTS["by_fault"]}
    assert red == {"link_lost", "after connection_timeout"}


# ---------------------------------------------------------------------- coverage

JOURNAL: list[Record] = [
    {"t": 0.0, "n": 1, "kind": "event", "who": "Tiny", "topic": "summaryState", "data": {}},
    {"t": 1.0, "n": 2, "kind": "transition", "who": "Tiny", "machine": "lamp", "source": "OFF", "state": "WARMUP"},
    {"t": 2.0, "n": 3, "kind": "transition", "who": "Tiny", "machine": "lamp", "source": "WARMUP", "state": "OFF"},
    {"t": 3.0, "n": 4, "kind": "transition", "who": "Tiny", "machine": "lamp", "source": "OFF", "state": "WARMUP"},
    {"t": 3.0, "n": 5, "kind": "transition", "who": "Other", "machine": "lamp", "source": "OFF", "state": "ON"},
]


def test_a_journal_counts_states_and_the_ways_between_them() -> None:
    visits = visits_of_component(TINY, JOURNAL)

    assert visits.nodes[("lamp", "OFF")] == 2
    assert visits.nodes[("lamp", "WARMUP")] == 2
    assert ("lamp", "ON") not in visits.nodes
    assert visits.edges == {
        (("lamp", "OFF"), ("lamp", "WARMUP")): 2,
        (("lamp", "WARMUP"), ("lamp", "OFF")): 1,
    }


def test_a_machine_that_never_moves_is_where_it_begins() -> None:
    visits = visits_of_component(TINY, JOURNAL, begins={"summary": "ENABLED"})

    assert visits.nodes[("cover", "CLOSED")] == 1
    assert visits.nodes[("summary", "ENABLED")] == 1
    assert ("summary", "STANDBY") not in visits.nodes


def test_a_component_that_a_journal_does_not_have_was_never_anywhere() -> None:
    assert visits_of_component(catalogue()["Peer"], JOURNAL).nodes == {}


def test_of_components_with_indices_one_is_counted_or_all() -> None:
    plan = load_catalogue()["OCPS"]
    journal: list[Record] = [
        {"kind": "transition", "who": f"OCPS:{n}", "machine": "summary", "source": "STANDBY", "state": "DISABLED"}
        for n in (1, 2)
    ]

    assert visits_of_component(plan, journal).nodes[("summary", "DISABLED")] == 2
    assert visits_of_component(plan, journal, name="OCPS:2").nodes[("summary", "DISABLED")] == 1
