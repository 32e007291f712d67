"""The shortest way to a situation, told step by step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fsm.explore.encoding import Codes
from fsm.explore.search import CHUNK, Explored
from fsm.explore.symmetry import Symmetry
from fsm.explore.visited import contains

__all__ = ["TraceStep", "trace"]


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One action, and what it changes: place, value before, value after."""

    action: str
    kind: str
    changes: tuple[tuple[str, str, str], ...]


def trace(explored: Explored, code: int) -> list[TraceStep]:
    """Return the actions that lead from a beginning to a situation; there is no shorter way.

    Raises
    ------
    ValueError
        If the situation was not reached.
    """
    target = np.array([code], np.int64)
    depth = next((depth for depth, level in enumerate(explored.levels) if contains(level, target)[0]), None)
    if depth is None:
        raise ValueError("this situation was not reached")
    symmetry = explored.symmetry
    chain = [code]
    for level in reversed(explored.levels[:depth]):
        chain.append(_before(explored, symmetry, level, chain[-1]))
    chain.reverse()
    here = next(each for each in explored.stepper.starts().tolist() if _one(symmetry, each) == chain[0])
    steps = []
    for wanted in chain[1:]:
        action, after = _towards(explored, symmetry, here, wanted)
        steps.append(_step(explored, action, here, after))
        here = after
    return steps


def _one(symmetry: Symmetry, code: int) -> int:
    return int(symmetry.ordered(np.array([code], np.int64))[0])


def _before(explored: Explored, symmetry: Symmetry, level: Codes, wanted: int) -> int:
    """Return a situation of a level from which another is one action away."""
    for begin in range(0, len(level), CHUNK):
        chunk = level[begin : begin + CHUNK]
        for each in explored.stepper.followers(chunk):
            found = np.flatnonzero(symmetry.ordered(each.codes) == wanted)
            if len(found):
                return int(chunk[each.sources[found[0]]])
    raise ValueError("no situation of this level leads there")  # pragma: no cover  # each level follows the one before


def _towards(explored: Explored, symmetry: Symmetry, here: int, wanted: int) -> tuple[int, int]:
    for each in explored.stepper.followers(np.array([here], np.int64)):
        found = np.flatnonzero(symmetry.ordered(each.codes) == wanted)
        if len(found):
            return each.action, int(each.codes[found[0]])
    raise ValueError("no action leads there")  # pragma: no cover  # `_before` has found one


def _step(explored: Explored, number: int, before: int, after: int) -> TraceStep:
    action = explored.system.actions[number]
    changes = tuple(
        (place.name, place.values[old], place.values[new])
        for place, old, new in zip(
            explored.system.places, explored.encoding.unpack(before), explored.encoding.unpack(after), strict=True
        )
        if old != new
    )
    return TraceStep(action.name, action.kind, changes)
