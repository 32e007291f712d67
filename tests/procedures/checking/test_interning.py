"""Instructions, code and frames that are the same are the same object: places are compared by identity."""

from __future__ import annotations

from typing import Any

import pytest

from csc.foresight import Span, World
from procedures.checking.frame import Frame
from procedures.checking.interning import Interning
from procedures.checking.situation import MAIN, Cell, Situation, Thread


class Mark:
    """An instruction made of anything."""

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments

    def do(self, explorer: Any, situation: Situation, thread: str) -> list[Situation]:
        return [situation]


class Other(Mark):
    """Another kind of instruction."""


SOMETHING = object()


@pytest.mark.parametrize(
    "arguments",
    [(), ("a",), (1, 2.5, None, True), (Span(0.0, 1.0),), (SOMETHING,), ("a", SOMETHING, None)],
)
def test_the_same_arguments_give_the_same_object(arguments: tuple[Any, ...]) -> None:
    keep = Interning()

    assert keep.make(Mark, *arguments) is keep.make(Mark, *arguments)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (("a",), ("b",)),
        (("a",), ("a", None)),
        ((Span(0.0, 1.0),), (Span(0.0, 2.0),)),
        ((SOMETHING,), (object(),)),
        (([],), ([],)),  # neither is compared by what is in it
    ],
)
def test_other_arguments_give_another_object(one: tuple[Any, ...], two: tuple[Any, ...]) -> None:
    keep = Interning()

    assert keep.make(Mark, *one) is not keep.make(Mark, *two)


def test_another_kind_gives_another_object() -> None:
    keep = Interning()

    assert keep.make(Mark, "a") is not keep.make(Other, "a")


def test_arguments_are_kept_so_that_no_other_object_takes_their_place() -> None:
    keep = Interning()

    made = [keep.make(Mark, [number]) for number in range(1000)]  # no list outlives the call but for the kept ones

    assert len(set(map(id, made))) == 1000


def test_a_frame_is_made_once() -> None:
    keep, made = Interning(), []

    def make() -> Frame:
        made.append(1)
        return object.__new__(Frame)

    assert keep.frame("play 1", make) is keep.frame("play 1", make)
    assert len(made) == 1
    assert keep.frame("play 2", make) is not keep.frame("play 1", make)


def test_code_is_in_order() -> None:
    keep = Interning()
    one, two, three = (keep.make(Mark, number) for number in (1, 2, 3))

    assert _listed(keep.code([one, two], keep.code([three]))) == [one, two, three]


def test_the_same_code_is_the_same_object() -> None:
    keep = Interning()
    one, two = keep.make(Mark, 1), keep.make(Mark, 2)

    assert keep.code([one, two]) is keep.code([one], keep.code([two]))
    assert keep.code([one, two]) is not keep.code([two, one])


def test_no_code_is_what_comes_after_it() -> None:
    keep = Interning()
    rest = keep.code([keep.make(Mark, 1)])

    assert keep.code([], rest) is rest
    assert keep.code([]) is None


def test_what_is_pushed_comes_first() -> None:
    keep = Interning()
    one, two, three = (keep.make(Mark, number) for number in (1, 2, 3))
    situation = Situation(World(machines={}, values={}), {MAIN: Thread(keep.code([three]))})

    assert keep.push(situation, MAIN, one, two) is situation
    assert _listed(situation.threads[MAIN].code) == [one, two, three]


def _listed(code: Cell | None) -> list[Any]:
    found = []
    while code is not None:
        found.append(code.instruction)
        code = code.rest
    return found
