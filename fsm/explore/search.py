"""Breadth first through everything that can be reached, whole fronts at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from fsm.explore.encoding import Codes, Encoding
from fsm.explore.stepping import Stepper
from fsm.explore.symmetry import Symmetry
from fsm.explore.system import Mark, System
from fsm.explore.tables import CheckTable
from fsm.explore.visited import Visited, distinct

__all__ = ["CHUNK", "Explored", "Progress", "explore"]

CHUNK = 1 << 16
"""So many situations are looked at together: as many as stay near the processor."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an exploration is."""

    situations: int
    depth: int
    waiting: int


@dataclass(slots=True, kw_only=True)
class Explored:
    """What an exploration has found.

    Attributes
    ----------
    exhausted
        Whether nothing is left that can be reached.
    levels
        The situations by the number of actions that lead there; each array sorted.
    visited
        All of them, sorted; where places are alike, one for all that differ in their order only.
    standing_for
        How many situations there are when that order counts.
    followers
        How many times an action was taken, ways counted one by one.
    dead
        The situations that no counted action leads out of.
    broken
        For each check that does not hold always: the first situation in which it does not.
    open
        Checks that hang on more than places somewhere.
    marks
        What was noted on the ways that were gone.
    reached
        For each place, which of its values come about, as how many situations have it.
    """

    system: System
    encoding: Encoding
    stepper: Stepper
    symmetry: Symmetry
    exhausted: bool
    levels: list[Codes]
    visited: Codes
    standing_for: int
    followers: int
    dead: Codes
    broken: dict[str, int]
    open: set[str]
    marks: set[Mark]
    reached: list[npt.NDArray[np.int64]]

    def __len__(self) -> int:
        return len(self.visited)


@dataclass(slots=True)
class _Watch:
    """The checks that are made at every front."""

    tables: dict[str, CheckTable]
    broken: dict[str, int] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)

    def look(self, codes: Codes) -> None:
        """Make the checks that were never broken yet."""
        for name, table in self.tables.items():
            if name in self.broken:
                continue
            verdicts = table.verdicts(codes)
            if (verdicts == CheckTable.OPEN).any():
                self.open.add(name)
            wrong = np.flatnonzero(verdicts == CheckTable.BROKEN)
            if len(wrong):
                self.broken[name] = int(codes[wrong[0]])


def explore(
    system: System,
    *,
    limit: int | None = None,
    without: frozenset[str] = frozenset(),
    ways_out: frozenset[str] | None = None,
    notice: Callable[[Progress], object] | None = None,
) -> Explored:
    """Reach everything that can be reached.

    Parameters
    ----------
    limit
        So many situations at most.
    without
        Kinds of actions that do not happen.
    ways_out
        Kinds of actions that count as ways out of a situation; all if left out.
    notice
        Told how far it is, every now and then.

    Raises
    ------
    TooManyPlaces
        If situations cannot be numbered.
    Restless
        If what actions set off never comes to rest.
    """
    stepper = Stepper(system)
    kinds = frozenset(action.kind for action in system.actions) - without
    encoding = stepper.encoding
    symmetry = Symmetry.of(system, encoding)
    counted = np.array([ways_out is None or action.kind in ways_out for action in system.actions])
    watch = _Watch({check.name: CheckTable(encoding, check) for check in system.checks})
    visited = Visited()
    levels: list[Codes] = []
    dead: list[Codes] = []
    taken = 0
    exhausted = True
    front = distinct(symmetry.ordered(stepper.starts()))
    while len(front):
        if limit is not None and len(visited) + len(front) > limit:
            exhausted, front = False, front[: limit - len(visited)]
            if not len(front):
                break
        visited.add(front)
        levels.append(front)
        watch.look(front)
        found: list[Codes] = []
        for begin in range(0, len(front), CHUNK) if exhausted else ():
            chunk = front[begin : begin + CHUNK]
            alive = np.zeros(len(chunk), np.bool_)
            after: list[Codes] = []
            for each in stepper.followers(chunk, kinds):
                moved = each.codes != chunk[each.sources]
                taken += len(moved)
                if counted[each.action]:
                    alive[each.sources[moved]] = True
                after.append(each.codes[moved])
            if after:
                found.append(visited.without(distinct(symmetry.ordered(np.concatenate(after)))))
            dead.append(chunk[~alive])
            if notice is not None:
                waiting = len(front) - begin - len(chunk)
                notice(Progress(len(visited), len(levels), waiting))
        front = distinct(np.concatenate(found)) if found else np.zeros(0, np.int64)
    everything = visited.all()
    return Explored(
        system=system,
        encoding=encoding,
        stepper=stepper,
        symmetry=symmetry,
        exhausted=exhausted,
        levels=levels,
        visited=everything,
        standing_for=symmetry.standing_for(everything),
        followers=taken,
        dead=np.concatenate(dead) if dead else front,
        broken=watch.broken,
        open=watch.open,
        marks=symmetry.marks(stepper.marks()),
        reached=symmetry.reached(everything),
    )
