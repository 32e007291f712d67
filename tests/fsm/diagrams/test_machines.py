"""Statecharts as drawings: which boxes and arrows a table gives."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fsm import Statechart
from fsm.diagrams import PAINTS, Drawing, Edge, Manner, Node, Paint, Shape, draw_machine, draw_machines
from tests.fsm.rig import Bench, chart, row

DOOR = chart(
    "door",
    "CLOSED OPENING OPEN JAMMED",
    row(on="open", source="CLOSED", to="OPENING", guard="power >= 800 W", emits="moving"),
    row(on="open", source="OPENING"),
    row(after="60 s", source="OPENING", to="OPEN"),
    row(on="close", source="OPENING OPEN", to="CLOSED"),
    row(on="slam", source="OPEN", to="CLOSED"),
    row(on="stone", source="OPENING OPEN", to="JAMMED", fault="DOOR_JAMMED"),
    row(on="reset", source="*", to="CLOSED"),
)
LAMP = chart("lamp", "OFF ON", row(on="go", source="OFF", to="ON"), row(on="stop", source="ON", to="OFF"))


def box(drawing: Drawing, key: tuple[str, str]) -> Node:
    """Return the box of a state."""
    [node] = [node for node in drawing.nodes if node.key == key]
    return node


def arrows(drawing: Drawing, source: str, target: str) -> list[Edge]:
    """Return the arrows between two boxes, named by what stands in them."""
    names = {node.id: node.lines[0] if node.lines else "" for node in drawing.nodes}
    return [edge for edge in drawing.edges if (names[edge.source], names[edge.target]) == (source, target)]


def test_a_machine_is_drawn_without_a_frame_from_its_initial_state() -> None:
    drawing = draw_machine(DOOR)

    assert drawing.title == "door"
    assert drawing.frame.rows == ()
    assert [edge.target for edge in drawing.edges if edge.source == drawing.nodes[0].id] == ["m__door__CLOSED"]
    assert drawing.nodes[0].shape is Shape.START


def test_machines_stand_in_frames_with_their_names() -> None:
    drawing = draw_machines([DOOR, LAMP], title="Hall")

    assert [frame.title for frame in drawing.frame.inside] == ["door", "lamp"]
    assert not drawing.frame.nodes
    assert not drawing.frame.edges


def test_many_machines_are_put_in_rows() -> None:
    charts = [replace(DOOR, name=f"door{number}") for number in range(6)]

    rows = draw_machines(charts, title="Hall").frame.rows

    assert [len(each) for each in rows] == [3, 3]


def test_rows_that_are_only_triggers_share_an_arrow() -> None:
    [arrow] = arrows(draw_machine(DOOR), "OPEN", "CLOSED")

    assert arrow.lines == ("close, slam",)


def test_a_row_that_stays_is_written_into_its_state() -> None:
    assert box(draw_machine(DOOR), ("door", "OPENING")).inner == ("open",)


def test_an_arrow_says_guard_and_effect_and_a_timed_one_its_time() -> None:
    drawing = draw_machine(DOOR)

    assert arrows(drawing, "CLOSED", "OPENING")[0].lines == ("open", "[power ≥ 800 W]", "/ moving")
    assert arrows(drawing, "OPENING", "OPEN")[0].lines == ("after 60 s",)


def test_a_time_shows_the_value_of_its_parameter() -> None:
    timed = chart("m", "A B", row(after="warmup", source="A", to="B"))

    [arrow] = arrows(draw_machine(timed, manner=Manner(defaults=Bench({"warmup": 900.0}).scope)), "A", "B")

    assert arrow.lines == ("after warmup (900 s)",)


@pytest.mark.parametrize(
    ("source", "to", "name"),
    [
        ("*", "A", "any state"),
        ("A B C D E", "A", "any state"),
        ("B C D E", "A", "any other state"),
        ("A B C D", "A", "any but E"),
        ("C D E", "A", None),
        ("B C D", "A", None),
        ("B", "A", None),
    ],
)
def test_a_row_from_nearly_everywhere_comes_from_one_dashed_box(source: str, to: str, name: str | None) -> None:
    drawing = draw_machine(chart("m", "A B C D E", row(on="go", source=source, to=to)))

    drawn = [edge for edge in drawing.edges if edge.lines == ("go",)]
    if name is None:
        assert [edge.source for edge in drawn] == [f"m__m__{state}" for state in source.split()]
    else:
        [edge] = drawn
        [elsewhere] = [node for node in drawing.nodes if node.id == edge.source]
        assert (elsewhere.lines, elsewhere.paint, elsewhere.key) == ((name,), PAINTS["elsewhere"], None)
        left = source.replace("*", "A B C D E").split()
        assert edge.stands_for == tuple((("m", state), ("m", to)) for state in left)


def test_only_a_state_that_only_rows_to_fault_enter_is_red() -> None:
    lamp = chart(
        "lamp",
        "OFF ON BROKEN",
        row(on="go", source="OFF", to="ON"),
        row(on="bang", source="ON", to="BROKEN", fault="BULB"),
        row(on="fail", source="ON", to="OFF", fault="BULB"),
    )

    red = [node.lines for node in draw_machine(lamp).nodes if node.paint == PAINTS["fault"]]

    assert red == [("BROKEN",)]


def test_a_row_that_leads_to_fault_is_a_broken_line_with_its_error() -> None:
    for arrow in arrows(draw_machine(DOOR), "OPEN", "JAMMED"):
        assert arrow.paint.dashed
        assert arrow.lines == ("stone", "⚠\N{NO-BREAK SPACE}DOOR_JAMMED")


def test_what_only_a_fault_or_its_cure_triggers_is_a_broken_line_apart_from_the_others() -> None:
    hall = chart("hall", "A B", row(on="go smash mend", source="A", to="B"))
    manner = Manner(causes={"smash": "by_fault", "mend": "by_cure"})

    drawn = {edge.lines: edge.paint for edge in arrows(draw_machine(hall, manner=manner), "A", "B")}

    assert drawn == {("go",): PAINTS["arrow"], ("smash",): PAINTS["by_fault"], ("mend",): PAINTS["by_cure"]}
    assert PAINTS["by_fault"].dashed
    assert PAINTS["by_cure"].dashed


def test_what_a_caller_is_told_stands_in_a_note() -> None:
    guarded = chart("m", "A B", row(on="go", source="A", to="B", guard="light", raises="it is dark"))

    [note] = [node for node in draw_machine(guarded).nodes if node.shape is Shape.NOTE]

    assert note.lines == ("go refused", "• unless light: “it is dark”")


def test_notes_are_put_beside_their_machine() -> None:
    drawing = draw_machines([DOOR, LAMP], title="Hall", manner=Manner(notes={"lamp": [("go", "needs power")]}))

    notes = {
        frame.title: [node.lines for node in frame.nodes if node.shape is Shape.NOTE] for frame in drawing.frame.inside
    }
    assert notes == {"door": [], "lamp": [("go", "needs power")]}


def test_notes_stand_under_each_other_three_in_a_column() -> None:
    drawing = draw_machine(LAMP, manner=Manner(notes={"lamp": [(f"note {number}",) for number in range(5)]}))

    hidden = [(edge.source[-1], edge.target[-1]) for edge in drawing.edges if edge.hidden]
    assert hidden == [("1", "2"), ("2", "3"), ("4", "5")]


def test_states_say_what_they_mean_only_when_asked() -> None:
    states = tuple(replace(state, meaning=f"it is {state.name}", value=3) for state in DOOR.states)
    door = replace(DOOR, states=states)

    assert box(draw_machine(door), ("door", "OPEN")).lines == ("OPEN (3)",)
    assert box(draw_machine(door), ("door", "OPEN")).small == ()
    assert box(draw_machine(door, manner=Manner(meanings=True)), ("door", "OPEN")).small == ("it is OPEN",)


def test_a_state_with_a_colour_of_its_own_has_it() -> None:
    blue = Paint(fill="#0000ff")

    drawing = draw_machine(LAMP, manner=Manner(paints={("lamp", "ON"): blue}))

    assert box(drawing, ("lamp", "ON")).paint == blue


def test_a_machine_without_rows_is_drawn() -> None:
    assert len(draw_machine(Statechart(name="m", initial="A", states=chart("m", "A").states)).edges) == 1
