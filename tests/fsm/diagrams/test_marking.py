from __future__ import annotations

import pytest

from fsm.diagrams import PAINTS, Visits, cover, covered, draw_machine, draw_machines, highlight
from tests.fsm.diagrams.test_machines import DOOR, LAMP, arrows, box
from tests.fsm.rig import chart, row

VISITS = Visits(nodes={("lamp", "OFF"): 2, ("lamp", "ON"): 1}, edges={(("lamp", "OFF"), ("lamp", "ON")): 1})


def test_the_present_state_is_marked() -> None:
    drawing = highlight(draw_machines([DOOR, LAMP], title="Hall"), {("door", "OPEN")})

    assert [node.key for node in drawing.nodes if node.paint == PAINTS["present"]] == [("door", "OPEN")]


def test_a_state_that_is_not_there_cannot_be_marked() -> None:
    with pytest.raises(ValueError, match="door has no SHUT"):
        highlight(draw_machine(DOOR), {("door", "SHUT")})


def test_what_was_visited_says_how_often_and_the_rest_is_grey() -> None:
    drawing = cover(draw_machine(LAMP), VISITS)

    assert box(drawing, ("lamp", "OFF")).lines == ("OFF", "×2")
    [there], [back] = arrows(drawing, "OFF", "ON"), arrows(drawing, "ON", "OFF")
    assert (there.lines, there.paint) == (("go", "×1"), PAINTS["arrow"])
    assert (back.lines, back.paint.line) == (("stop",), PAINTS["unseen"].line)


def test_a_state_that_was_not_visited_is_grey_inside_its_frame() -> None:
    drawing = cover(draw_machines([DOOR, LAMP], title="Hall"), VISITS)

    grey = {node.key for node in drawing.nodes if node.paint.line == PAINTS["unseen"].line}
    assert grey == {("door", state) for state in DOOR.state_names}


def test_a_broken_line_stays_broken_when_it_is_grey() -> None:
    assert all(edge.paint.dashed for edge in arrows(cover(draw_machine(DOOR), Visits()), "OPEN", "JAMMED"))


def test_arrows_between_the_same_states_are_counted_together_and_say_so() -> None:
    visits = Visits(edges={(("door", "OPEN"), ("door", "CLOSED")): 3})

    drawing = cover(draw_machine(DOOR), visits)

    assert {edge.lines[-1] for edge in arrows(drawing, "OPEN", "CLOSED")} == {"×3 together"}


def test_an_arrow_from_any_state_counts_the_visits_of_all() -> None:
    spread = chart("m", "A B C", row(on="go", source="*", to="A"))
    visits = Visits(edges={(("m", "B"), ("m", "A")): 2, (("m", "C"), ("m", "A")): 1, (("m", "A"), ("m", "B")): 5})

    [arrow] = arrows(cover(draw_machine(spread), visits), "any state", "A")

    assert arrow.lines == ("go", "×3")


def test_what_was_visited_is_counted() -> None:
    figure = covered(draw_machines([DOOR, LAMP], title="Hall"), VISITS)

    assert figure.nodes == (2, 6)
    assert figure.ways == (1, 8 + 2)
