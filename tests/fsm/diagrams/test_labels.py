from __future__ import annotations

import pytest

from fsm.diagrams import explain_row, explain_time
from fsm.diagrams.labels import wrap_condition, wrap_words
from fsm.statechart import Transition
from tests.fsm.rig import Bench, row

DEFAULTS = Bench({"warmup": 900.0}).scope


@pytest.mark.parametrize(
    ("transition", "lines"),
    [
        (row(on="open"), ["open"]),
        (row(on="open halt"), ["open, halt"]),
        (row(on="open", guard="light"), ["open", "[light]"]),
        (row(on="open", emits="opened told"), ["open", "/ opened, told"]),
        (row(on="open", fault="JAMMED"), ["open", "⚠\N{NO-BREAK SPACE}JAMMED"]),
        (row(after="900 s"), ["after 900 s"]),
        (row(after="15 min"), ["after 900 s"]),
        (row(after="warmup"), ["after warmup (900 s)"]),
        (row(after="warmup / 2"), ["after warmup / 2 (450 s)"]),
        (
            row(on="open", guard="power >= 800 W and light", emits="opened", fault="JAMMED"),
            ["open", "[power ≥ 800 W and light]", "/ opened", "⚠\N{NO-BREAK SPACE}JAMMED"],
        ),
    ],
    ids=str,
)
def test_a_label_says_trigger_guard_effect_and_error(transition: Transition, lines: list[str]) -> None:
    assert explain_row(transition, width=26, defaults=DEFAULTS) == lines


def test_a_time_that_is_unknown_stands_by_its_name() -> None:
    after = row(after="warmup").after

    assert after is not None
    assert explain_time(after) == "warmup"
    assert explain_time(after, Bench().scope) == "warmup"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("short", ["short"]),
        ("one two three four", ["one two", "three four"]),
        ("a_name_that_is_longer_than_a_line and more", ["a_name_that_is_longer_than_a_line", "and more"]),
    ],
)
def test_words_are_broken_into_even_lines(text: str, lines: list[str]) -> None:
    assert wrap_words(text, 12) == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("[lamp is ON]", ["[lamp is ON]"]),
        ("[a <= 1 and b >= 2]", ["[a ≤ 1", "and b ≥ 2]"]),
        ("[a != 1 or b < 2 or c]", ["[a ≠ 1", "or b < 2", "or c]"]),
        ("[" + " and ".join(f"door_{n} is OPEN" for n in range(9)) + "]", None),
    ],
)
def test_a_condition_is_broken_before_and_and_or_and_shortened(text: str, lines: list[str] | None) -> None:
    wrapped = wrap_condition(text, 12)

    if lines is not None:
        assert wrapped == lines
    else:
        assert len(wrapped) == 5
        assert wrapped[-1] == "…]"
