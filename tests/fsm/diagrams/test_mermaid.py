from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from fsm import Statechart
from fsm.diagrams import mermaid_machine, mermaid_machines
from tests.fsm.rig import chart, row

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


def body(text: str) -> list[str]:
    """Return the lines below the head, without their indents."""
    return [line.strip() for line in text.split("stateDiagram-v2\n")[1].splitlines()]


def test_a_machine_is_drawn_the_same_each_time(golden: Callable[[str, str], None]) -> None:
    golden(mermaid_machine(DOOR, active="OPEN"), "diagrams/door.mmd")


def test_machines_stand_side_by_side_in_frames(golden: Callable[[str, str], None]) -> None:
    lamp = chart("lamp", "OFF ON", row(on="go", source="OFF", to="ON"), row(on="stop", source="ON", to="OFF"))

    golden(mermaid_machines([DOOR, lamp], title="Hall", active={"lamp": "ON"}), "diagrams/hall.mmd")


def test_many_machines_are_put_on_shelves() -> None:
    charts = [replace(DOOR, name=f"door{number}") for number in range(6)]

    lines = body(mermaid_machines(charts, title="Hall"))

    assert lines[0] == "direction LR"
    assert [line for line in lines if "shelf" in line] == [f'state " " as shelf{number} {{' for number in (1, 2)]
    assert lines.count("}") == 6 + 2


def test_rows_that_are_only_triggers_share_an_arrow() -> None:
    assert "m__door__OPEN --> m__door__CLOSED : close, slam" in body(mermaid_machine(DOOR))


def test_a_row_that_stays_is_written_into_its_state() -> None:
    assert "m__door__OPENING : open" in body(mermaid_machine(DOOR))


@pytest.mark.parametrize(
    ("source", "to", "box"),
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
def test_a_row_from_nearly_everywhere_comes_from_one_box(source: str, to: str, box: str | None) -> None:
    lines = body(mermaid_machine(chart("m", "A B C D E", row(on="go", source=source, to=to))))

    arrows = [line for line in lines if line.endswith(": go")]
    if box is None:
        assert arrows == [f"m__m__{state} --> m__m__{to} : go" for state in source.split()]
    else:
        identity = f"m__m__{box.replace(' ', '_')}"
        assert f'state "{box}" as {identity}' in lines
        assert arrows == [f"{identity} --> m__m__{to} : go"]


def test_only_a_state_that_only_faults_enter_is_red() -> None:
    text = mermaid_machine(
        chart(
            "lamp",
            "OFF ON BROKEN",
            row(on="go", source="OFF", to="ON"),
            row(on="bang", source="ON", to="BROKEN", fault="BULB"),
            row(on="fail", source="ON", to="OFF", fault="BULB"),
        )
    )

    assert "class m__lamp__BROKEN fault" in body(text)


def test_states_say_what_they_mean_only_when_asked() -> None:
    states = tuple(replace(state, meaning=f"it is {state.name}", value=3) for state in DOOR.states)
    door = replace(DOOR, states=states)

    assert 'state "OPEN (3)" as m__door__OPEN' in body(mermaid_machine(door))
    assert 'state "OPEN (3)<br/><small>it is OPEN</small>" as m__door__OPEN' in body(mermaid_machine(door, notes=True))


def test_an_active_state_that_is_not_there_is_a_bug() -> None:
    with pytest.raises(ValueError, match="door has no state SHUT"):
        mermaid_machine(DOOR, active="SHUT")


def test_what_mermaid_would_take_for_its_own_is_escaped() -> None:
    nasty = chart("m", "A B", row(on="go", source="A", to="B", guard="who == 'a;b: #1 \"<x>\" `y` {z} %% --> _w_'"))

    [label] = [line.partition(" : ")[2] for line in body(mermaid_machine(nasty)) if line.startswith("m__m__A -->")]

    plain = re.sub(r"#(?:\d+|quot|amp|lt|gt);|<br/>", "", label)
    assert not set('#;:"<>`{}&') & set(plain)
    assert "%%" not in label
    assert label.count("#59;") == label.count("#58;") == 1


@pytest.mark.parametrize("word", ["end", "state", "note", "direction", "class", "default", "fork", "style"])
def test_mermaids_own_words_may_be_states(word: str) -> None:
    lines = body(mermaid_machine(chart(word, f"{word} other", row(on="go", source=word, to="other"))))

    assert f'state "{word}" as m__{word}__{word}' in lines


def test_a_title_with_quotes_is_written_as_yaml() -> None:
    text = mermaid_machine(Statechart(name="m", initial="A", states=DOOR.states), title='The "hall": door \\ gate')

    assert text.splitlines()[1] == 'title: "The \\"hall\\": door \\\\ gate"'
