"""What a training scenario is: what is to be learnt, what goes wrong unseen, how one gets out, how long it may take.

It joins a scenario, which says what goes wrong and when, with what makes it a lesson. Nothing here decides how well
somebody did: that is `procedures.scoring`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fsm import Condition
from procedures.scenario import Scenario
from procedures.training.act_pattern import ActPattern

__all__ = ["SAFE", "SHOWS", "Cause", "Goal", "Training"]

SAFE, SHOWS = "safe.", "shows."
"""What the journal calls the end of a cause, and the moment from which it can be seen, begins so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What is to be reached.

    Attributes
    ----------
    that
        A condition on the truth, not on what is published.
    holds
        ``once``: it must have been so; ``at_end``: it must be so when the session ends; ``never``: it must not be so.
    """

    id: str
    title: str
    that: Condition
    holds: Literal["once", "at_end", "never"] = "once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What goes wrong, and which acts show that it was understood.

    Attributes
    ----------
    component
        Where it is.
    fault
        The fault of that component; empty if it is so from the beginning without one.
    shows
        From when on it can be seen; None if from when it begins.
    safe
        When it is over, the first time; None if it is over with its fault.
    noticed_by
        Acts that count as noticing it. Reports of it and its cures always do.
    cures, wrong
        Acts that are right, and acts that are not.
    is_distraction
        Whether it may be left alone.
    """

    id: str
    title: str
    component: str
    fault: str = ""
    shows: Condition | None = None
    safe: Condition | None = None
    noticed_by: tuple[ActPattern, ...] = ()
    cures: tuple[ActPattern, ...] = ()
    wrong: tuple[ActPattern, ...] = ()
    is_distraction: bool = False

    @property
    def signs(self) -> tuple[ActPattern, ...]:
        """All acts by which it is noticed."""
        return (ActPattern(kind="report", component=self.component, what=self.fault), *self.noticed_by, *self.cures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """A training scenario.

    Attributes
    ----------
    number
        Its place in the course, from 1.
    learn
        What is to be learnt.
    briefing
        What the trainee is told at the beginning.
    observatory
        Name of the observatory in which it takes place.
    scenario
        How that is at the beginning, and what goes wrong and when. It names the procedure, too.
    hints
        In the order in which they are given.
    par
        Simulated time [s] that somebody who knows it needs, and why that was chosen.
    """

    name: str
    number: int
    title: str
    learn: str
    briefing: str
    observatory: str
    scenario: Scenario
    goals: tuple[Goal, ...]
    causes: tuple[Cause, ...] = ()
    hints: tuple[str, ...] = ()
    par: float
    par_because: str

    @property
    def procedure(self) -> str:
        """Name of the procedure that the trainee follows."""
        return self.scenario.procedure
