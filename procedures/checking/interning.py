"""One object of a kind for the same arguments, so that where threads are can be compared by identity."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from csc.foresight import Span
from procedures.checking.frame import Frame
from procedures.checking.situation import Cell, Instruction, Situation, Thread

__all__ = ["Interning"]

_BY_VALUE = (str, int, float, Span, type(None))
"""Arguments that are the same if they are equal; others are if they are the same object."""

T = TypeVar("T")


class Interning:
    """Keeps instructions, code and frames."""

    def __init__(self) -> None:
        self._frames: dict[str, Frame] = {}
        self._cells: dict[tuple[int, int], Cell] = {}
        self._made: dict[tuple[Any, ...], Any] = {}
        self._kept: list[object] = []

    def make(self, kind: type[T], *arguments: Any) -> T:
        """Return the one object of a kind with these arguments: the same arguments give the same object."""
        key = (kind, *(_identity(argument) for argument in arguments))
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = kind(*arguments)
            self._kept.append(arguments)  # identities stay theirs
        return found

    def frame(self, name: str, make: Callable[[], Frame]) -> Frame:
        """Return the one frame of this name."""
        found = self._frames.get(name)
        if found is None:
            found = self._frames[name] = make()
        return found

    def code(self, instructions: Iterable[Instruction], rest: Cell | None = None) -> Cell | None:
        """Return instructions as code, one after the other, before others."""
        for instruction in reversed(list(instructions)):
            key = (id(instruction), id(rest))
            cell = self._cells.get(key)
            if cell is None:
                cell = self._cells[key] = Cell(instruction, rest)
            rest = cell
        return rest

    def push(self, situation: Situation, thread: str, *instructions: Instruction) -> Situation:
        """Let a thread do this before what it would do next."""
        present = situation.threads[thread]
        situation.threads[thread] = Thread(self.code(instructions, present.code), present.waiting)
        return situation


def _identity(argument: Any) -> Any:
    return argument if isinstance(argument, _BY_VALUE) else id(argument)
