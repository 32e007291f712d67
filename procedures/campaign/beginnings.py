"""When the steps of a procedure begin: seen in a run, to name moments by."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from csc import Observatory
from fsm import Record
from procedures.rehearsal import Rehearsal, rehearse

__all__ = ["Beginning", "beginnings_of"]


@dataclass(frozen=True, slots=True)
class Beginning:
    """When a step begins [simulated s], and for the how-manieth time."""

    t: float
    step: str
    nth: int


@dataclass(slots=True)
class _Watch:
    who: str
    found: list[Beginning] = field(default_factory=list)
    times: Counter[str] = field(default_factory=Counter)

    def begin(self, rehearsal: Rehearsal, observatory: Observatory) -> None:
        """Need nothing of it."""

    def see(self, record: Record) -> None:
        """Note the beginning of a step."""
        if record["kind"] == "step" and record["what"] == "started" and record["who"] == self.who:
            self.times[record["step"]] += 1
            self.found.append(Beginning(record["t"], record["step"], self.times[record["step"]]))


def beginnings_of(rehearsal: Rehearsal) -> tuple[Beginning, ...]:
    """Rehearse, and return when each step of the procedure itself began, in order."""
    watch = _Watch(rehearsal.who)
    rehearse(rehearsal, spectator=watch)
    return tuple(watch.found)
