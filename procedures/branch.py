"""Branches: at a moment of a run, what goes wrong from then on.

A run that branches is the run it comes from up to that moment, record by record; then a record says that it branches,
and a scenario's faults come in their time, counted from there; so are the commands and transitions that it waits for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from csc import Observatory
from fsm import AuthorError
from procedures.moment import Moment
from procedures.scenario import Injection, Scenario

__all__ = ["INSTRUCTOR", "Branch", "arm_branches"]

INSTRUCTOR = "instructor"
"""Who branches a run, in the journal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """Another way that a run goes on.

    Attributes
    ----------
    moment
        When it leaves the run it comes from.
    scenario, faults
        What happens then; times count from the moment.
    files
        What was read from files, as in the circumstances of the run.
    """

    moment: Moment
    scenario: Scenario | None = None
    faults: tuple[Injection, ...] = ()
    files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make sure that the scenario can begin in the middle of a run.

        Raises
        ------
        AuthorError
            If it says how components are at the beginning.
        """
        scenario = self.scenario
        if scenario is None:
            return
        for what in ("states", "machines", "parameters"):
            placed = getattr(scenario, what)
            if placed:
                names = ", ".join(placed)
                raise AuthorError(
                    f"scenario {scenario.name} gives {what} of {names} at the beginning, which is over at a branch; "
                    "leave them out, or begin a new run with it"
                )

    @property
    def fields(self) -> dict[str, Any]:
        """What its record says, besides the time."""
        return {
            "until": str(self.moment),
            "scenario": self.scenario.name if self.scenario else None,
            "faults": [str(fault) for fault in self.faults],
            **({"files": {what: dict(source) for what, source in self.files.items()}} if self.files else {}),
        }

    def happen(self, observatory: Observatory) -> list[Callable[[], None]]:
        """Branch now; return what calls off the faults that have not come."""
        clock = observatory.clock
        observatory.journal.write("branch", INSTRUCTOR, **self.fields)
        injections = (*(self.scenario.faults if self.scenario else ()), *self.faults)
        return [_from(clock.now, injection).arm(observatory) for injection in injections]


def _from(now: float, injection: Injection) -> Injection:
    """Return an injection whose times count from now."""
    at = now + injection.at if injection.at else injection.at
    until = now + injection.until if isinstance(injection.until, int | float) else injection.until
    return replace(injection, at=at, until=until)


def arm_branches(branches: Sequence[Branch], observatory: Observatory) -> Callable[[], None]:
    """Let each branch happen in its time; return what calls off whatever has not happened.

    Who adds a branch knows what has happened until then: once it happens, those before it that have not are off.
    """
    calls_off: list[Callable[[], None]] = []
    watches: list[Callable[[], None]] = []

    def happen(number: int) -> None:
        for end in watches[:number]:
            end()
        calls_off.extend(branches[number].happen(observatory))

    for number, branch in enumerate(branches):
        watches.append(branch.moment.watch(observatory, partial(happen, number)))

    def call_off() -> None:
        for end in (*watches, *calls_off):
            end()

    return call_off
