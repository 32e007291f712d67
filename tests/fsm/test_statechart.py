from __future__ import annotations

import dataclasses

import pytest

from fsm import split_template
from tests.fsm.rig import Bench, chart, row, template

DOOR = chart(
    "door",
    "CLOSED OPENING OPEN",
    row(on="open", source="CLOSED", to="OPENING"),
    row(on="stop open", source="OPENING"),
    row(after="60 s", source="OPENING", to="OPEN"),
    row(on="close", source="*", to="CLOSED"),
    row(after="9 s", source="*", to="CLOSED"),
)


def test_states_keep_the_order_of_the_sheet() -> None:
    assert DOOR.state_names == ("CLOSED", "OPENING", "OPEN")
    assert list(DOOR.by_name) == list(DOOR.state_names)


def test_triggers_are_those_of_all_rows() -> None:
    assert DOOR.triggers == {"open", "stop", "close"}


def test_rows_are_found_by_state_and_trigger() -> None:
    assert [r.target for r in DOOR.rows["CLOSED", "open"]] == ["OPENING"]
    assert [r.target for r in DOOR.rows["OPENING", "open"]] == [None]
    assert ("OPEN", "open") not in DOOR.rows


def test_a_row_from_everywhere_leaves_every_state() -> None:
    assert [("close" in key) for key in DOOR.rows if key[1] == "close"] == [True] * 3
    assert all(DOOR.transitions[3].leaves(state) for state in DOOR.state_names)


def test_timed_rows_of_a_state_have_their_numbers_in_the_table() -> None:
    assert [number for number, _ in DOOR.timed["OPENING"]] == [2, 4]
    assert [number for number, _ in DOOR.timed["CLOSED"]] == [4]


def test_a_chart_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        DOOR.initial = "OPEN"  # type: ignore[misc]  # that is what is tried


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("no holes", ["no holes"]),
        ("{power}", [("power", "")]),
        ("at {power:.1f} W, try {attempt}", ["at ", ("power", ".1f"), " W, try ", ("attempt", "")]),
        ("{power}{attempt}", [("power", ""), ("attempt", "")]),
    ],
)
def test_a_template_is_split_at_its_holes(text: str, parts: list[object]) -> None:
    assert list(split_template(text)) == parts


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{power} W", "1000.5 W"),
        ("{power:.0f} W", "1000 W"),
        ("try {attempt} of {attempt + 2}", "try 1 of 3"),
        ("by {who}", "by me"),
        ("lit: {light}", "lit: True"),
        ("{warmup} s", "unknown s"),
        ("{warmup:.1f} s", "unknown s"),
    ],
)
def test_a_template_is_filled_with_the_values_of_now(text: str, filled: str) -> None:
    bench = Bench({"power": 1000.5, "attempt": 1, "who": "me", "light": True})

    assert template(text).fill(bench.scope) == filled


def test_a_template_names_what_enters_it() -> None:
    assert {str(name) for name in template("{power:.0f} W, try {attempt}").names} == {"power", "attempt"}
