"""Procedures as flow charts: which boxes and arrows their steps give, and all of the library in every format."""

from __future__ import annotations

from functools import cache

import pytest

from cscsim.locate import Homes
from fsm.diagrams import PAINTS, WRITERS, Drawing, Node, Shape, write_dot, write_svg
from procedures import Procedure
from procedures.flowchart import draw_procedure
from procedures.walk import walk_steps
from tests.fsm.diagrams.grammar import CHECKS, check_svg
from tests.graphviz import canonical, needs_dot
from tests.procedures.play import load

HOMES = Homes()
NAMES = [name for kind in ("rehearsal", "script", "part") for name in HOMES.names(kind)]


@cache
def procedure(name: str) -> Procedure:
    return HOMES.of(name).procedure(name)


def draw(steps: str, head: str = "") -> Drawing:
    return draw_procedure(load(steps, head))


def arrows(drawing: Drawing) -> list[tuple[str, str, str]]:
    """Return each arrow: from which step, what it says, to which step."""
    names = {
        node.id: node.key[1] if node.key else node.shape.name if not node.lines else node.lines[0]
        for node in drawing.nodes
    }
    return [(names[edge.source], " ".join(edge.lines), names[edge.target]) for edge in drawing.edges]


def box(drawing: Drawing, step: str) -> Node:
    [node] = [node for node in drawing.nodes if node.key == ("play", step)]
    return node


def test_steps_follow_each_other_between_the_conditions() -> None:
    drawing = draw(
        "- {id: on, command: Tiny.turnOn}\n- {id: warm, wait: until Tiny.lamp is ON}",
        "preconditions: [Tiny is ENABLED]\npostconditions: [Tiny.lamp is ON]",
    )

    assert arrows(drawing) == [
        ("START", "", "before"),
        ("before", "", "on"),
        ("on", "", "warm"),
        ("warm", "", "afterwards"),
        ("afterwards", "", "END"),
    ]
    conditions = {node.lines: node.inner for node in drawing.nodes if node.shape is Shape.CONDITION}
    assert conditions == {("before",): ("• Tiny is ENABLED",), ("afterwards",): ("• Tiny.lamp is ON",)}


def test_a_step_shows_its_conditions_its_limit_and_what_ends_a_wait() -> None:
    drawing = draw(
        "- id: warm\n  wait: until Tiny.lamp is ON\n  timeout: 20 s\n  preconditions: [Tiny is ENABLED]\n"
        "  invariants: [Tiny is not FAULT]\n  postconditions: [Tiny.lamp is ON]\n"
        "  unless: [{when: Tiny.lamp is BROKEN, because: it broke}]\n  on_failure: warn"
    )

    assert box(drawing, "warm").inner == (
        "before: Tiny is ENABLED",
        "meanwhile: Tiny is not FAULT",
        "after: Tiny.lamp is ON",
        "fails when Tiny.lamp is BROKEN",
        "within 20 s",
        "a failure only warns",
    )


def test_when_branches_and_joins_again() -> None:
    drawing = draw(
        "- {id: dark, when: Tiny.lamp is OFF, then: [{id: on, command: Tiny.turnOn}]}\n- {id: rest, wait: 1 s}"
    )

    assert box(drawing, "dark").shape is Shape.CHOICE
    assert arrows(drawing)[1:4] == [("dark", "yes", "on"), ("on", "", "rest"), ("dark", "no", "rest")]


def test_a_loop_leads_back() -> None:
    drawing = draw(
        "- {id: each, for_each: {item: n, of: '[1, 2]', steps: [{id: pause, wait: 1 s}]}}\n- {id: rest, wait: 1 s}"
    )

    assert ("each", "each", "pause") in arrows(drawing)
    assert ("pause", "", "each") in arrows(drawing)
    assert ("each", "then", "rest") in arrows(drawing)


def test_branches_stand_in_frames_side_by_side_and_meet_at_a_bar() -> None:
    drawing = draw("- {id: both, parallel: [[{id: a, wait: 1 s}], [{id: b, wait: 2 s}]]}")

    assert [frame.title for frame in drawing.frame.walk()][2:] == ["branch 1", "branch 2"]
    assert arrows(drawing) == [
        ("START", "", "both"),
        ("both", "", "a"),
        ("both", "", "b"),
        ("a", "", "BAR"),
        ("b", "", "BAR"),
        ("BAR", "", "END"),
    ]


def test_background_steps_are_awaited_by_join() -> None:
    drawing = draw(
        "- {id: begin, background: watch, steps: [{id: look, wait: 9 s}]}\n- {id: go, wait: 1 s}\n"
        "- {id: end, join: {tasks: [watch], limit: 20 s}}"
    )

    assert ("begin", "", "look") in arrows(drawing)
    assert ("begin", "", "go") in arrows(drawing)
    assert ("look", "", "end") in arrows(drawing)


def test_what_is_done_about_a_failure_hangs_on_a_broken_line() -> None:
    drawing = draw(
        "- id: on\n  command: Tiny.turnOn\n  on_failure: [{id: off, command: Tiny.turnOff}]\n- {id: rest, wait: 1 s}"
    )

    [failing] = [edge for edge in drawing.edges if edge.lines == ("if it fails",)]
    assert failing.paint == PAINTS["by_fault"]
    assert ("off", "", "rest") in arrows(drawing)


def test_what_the_procedure_does_about_its_failure_stands_apart() -> None:
    drawing = draw("- {id: go, wait: 1 s}", "on_failure: [{id: off, command: Tiny.turnOff}]")

    assert [frame.title for frame in drawing.frame.inside] == ["on failure"]


def test_a_human_check_a_call_and_a_block_have_their_own_shapes() -> None:
    weekly = {node.key[1]: node.shape for node in draw_procedure(procedure("weekly")).nodes if node.key}

    assert weekly["clear"] is Shape.PERSON
    assert weekly["enable_atcs"] is Shape.CALL
    assert weekly["setup"] is Shape.CALL


def test_a_step_to_a_summary_state_has_its_colour() -> None:
    drawing = draw("- {id: up, summary_state: {of: Tiny, to: ENABLED}}")

    assert box(drawing, "up").paint.fill == "#5fb85f"


# ------------------------------------------------------------------- the library


@pytest.mark.parametrize("name", NAMES)
def test_every_step_has_its_box_and_every_format_its_grammar(name: str) -> None:
    plan = procedure(name)
    drawing = draw_procedure(plan)

    steps = walk_steps((*plan.steps, *plan.on_failure, *plan.cleanup))
    assert sorted(node.key for node in drawing.nodes if node.key) == sorted((plan.name, step.id) for step in steps)
    for form, check in CHECKS.items():
        check(WRITERS[form](drawing), drawing)


@needs_dot()
def test_graphviz_reads_every_procedure() -> None:
    drawings = [draw_procedure(procedure(name)) for name in NAMES]

    assert canonical(map(write_dot, drawings)).count("digraph ") == len(NAMES)


@needs_dot()
@pytest.mark.parametrize("name", NAMES)
def test_every_procedure_is_laid_out_as_svg(name: str) -> None:
    drawing = draw_procedure(procedure(name))

    check_svg(write_svg(drawing), drawing)
