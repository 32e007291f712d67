"""One exploration of components, and what is asked of it: deadlocks, invariants, ways back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from csc.blueprint import Blueprint
from csc.exploration.composing import Composition
from csc.exploration.findings import Finding
from csc.exploration.part import Part
from fsm.explore import Codes, Explored, Progress, explore, leading_to, trace

__all__ = ["BY_THEMSELVES", "Inquiry", "Notice", "inquire"]

BY_THEMSELVES = frozenset(("command", "timer", "spontaneous", "outside"))
"""What happens, or can be commanded, without anybody's mending anything."""
MENDING = BY_THEMSELVES | {"cure"}
Notice = Callable[[Progress], object]


@dataclass(slots=True)
class Inquiry:
    """An exploration, with the composition that was explored."""

    composition: Composition
    explored: Explored

    @property
    def parts(self) -> tuple[Part, ...]:
        """The components."""
        return self.composition.parts

    def at(self, part: Part, what: str, value: str, codes: Codes | None = None) -> npt.NDArray[np.bool_]:
        """Tell of each situation whether a machine, or the summary state, is in a state."""
        codes = self.explored.visited if codes is None else codes
        place = self.composition.layout.place(part.name, what)
        if place is None:
            return np.zeros(len(codes), np.bool_)
        names = self.composition.layout.places[place].values
        found: npt.NDArray[np.bool_] = self.explored.encoding.values(codes, place) == names.index(value)
        return found

    def ended(self, part: Part, codes: Codes | None = None) -> npt.NDArray[np.bool_]:
        """Tell of each situation whether the component has left for good: OFFLINE, and nothing calls it back."""
        codes = self.explored.visited if codes is None else codes
        if not part.plan.is_csc or "enterControl" in part.plan.commands:
            return np.zeros(len(codes), np.bool_)
        return self.at(part, "summary", "OFFLINE", codes)

    def told(self, code: int) -> str:
        """Write a situation: what is not as it began."""
        system = self.explored.system
        begins = system.starts[0][0]
        values = self.explored.encoding.unpack(code)
        shown = [
            f"{place.name} {place.values[value]}"
            for place, value, begin in zip(system.places, values, begins, strict=True)
            if value != begin
        ]
        return ", ".join(shown) or "as it began"

    def trace(self, code: int) -> tuple[str, ...]:
        """Write the shortest way to a situation, a line for each action."""
        lines = []
        for step in trace(self.explored, code):
            changes = ", ".join(f"{place} {before} → {after}" for place, before, after in step.changes)
            lines.append(f"{step.kind} {step.action}: {changes}" if changes else f"{step.kind} {step.action}")
        return tuple(lines)

    def findings(self) -> Iterator[Finding]:
        """Yield deadlocks and broken invariants, and situations from which a component cannot be enabled again."""
        name = " + ".join(part.name for part in self.parts)
        over = np.ones(len(self.explored.dead), np.bool_)
        for part in self.parts:
            over &= self.ended(part, self.explored.dead)
        if any(part.plan.is_csc for part in self.parts):
            stuck = self.explored.dead[~over]
            if len(stuck):
                first = self.first(stuck)
                because = f"{len(stuck)} situations, for example: {self.told(first)}"
                yield Finding(
                    kind="deadlock",
                    component=name,
                    subject="nothing leads on",
                    because=because,
                    trace=self.trace(first),
                )
        for check, code in self.explored.broken.items():
            yield Finding(
                kind="broken invariant", component=name, subject=check, because=self.told(code), trace=self.trace(code)
            )
        if self.explored.exhausted:
            for part in self.parts:
                yield from self._without_return(part)

    def _without_return(self, part: Part) -> Iterator[Finding]:
        if not part.plan.is_csc:
            return
        back = leading_to(self.explored, self.at(part, "summary", "ENABLED"), BY_THEMSELVES)
        lost = self.explored.visited[~back & ~self.ended(part)]
        if len(lost):
            first = self.first(lost)
            yield Finding(
                kind="no way back",
                component=part.name,
                subject="to ENABLED",
                because=f"from {len(lost)} situations, for example: {self.told(first)}",
                trace=self.trace(first),
            )

    def first(self, codes: Codes) -> int:
        """Return one of some situations that is reached soonest."""
        for level in self.explored.levels:
            found = codes[np.isin(codes, level)]
            if len(found):
                return int(found[0])
        return int(codes[0])  # pragma: no cover  # each is in some level


def inquire(
    parts: Sequence[Part],
    catalogue: Mapping[str, Blueprint],
    *,
    limit: int | None = None,
    notice: Notice | None = None,
    asked: Sequence[tuple[str, str]] = (),
    without: frozenset[str] = frozenset(),
) -> Inquiry:
    """Explore components together.

    Parameters
    ----------
    limit
        So many situations at most.
    asked
        Names that somebody asks about besides the data sheets, as component and what of it.
    without
        Kinds of actions that do not happen.

    Raises
    ------
    TooManyPlaces
        If there is too much of them to be numbered.
    """
    composition = Composition(parts, catalogue, asked)
    explored = explore(composition.system(), limit=limit, without=without, ways_out=BY_THEMSELVES, notice=notice)
    return Inquiry(composition, explored)
