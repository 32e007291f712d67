"""What all kinds of step have in common while they are thought through."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from csc.foresight import Key, Span
from fsm.conditions import Possible, Truths
from procedures.checking.explorer import Explorer
from procedures.checking.frame import Frame
from procedures.checking.situation import Situation
from procedures.checking.waits import ForTime

__all__ = ["BACKGROUND", "Body", "Nothing", "in_background"]

BACKGROUND = "&"
"""What the name of a background thread has in it, between its procedure and its task."""


def in_background(thread: str) -> bool:
    """Tell whether a thread is that of a background step."""
    return BACKGROUND in thread


class Body:
    """What one kind of step does.

    Parameters
    ----------
    frame
        The procedure it belongs to.
    step
        The step.
    """

    def __init__(self, frame: Frame, step: Any) -> None:
        self.frame = frame
        self.step = step

    @property
    def where(self) -> str:
        """The place, as a journal names it."""
        return self.frame.where(self.step.id)

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Do it, in place; return every situation that may come of it."""
        raise NotImplementedError

    def keep(self, situation: Situation, thread: str, variable: str | None, value: Possible) -> None:
        """Let a variable have a value from now on; what goes on in the background may not be so far yet."""
        if variable is not None:
            unknown = value.unknown or in_background(thread)
            situation.let(self.frame.name, variable, Possible(value.values, value.low, value.high, unknown))

    def note(
        self,
        explorer: Explorer,
        situation: Situation,
        what: str,
        that: str,
        truths: Truths,
        *,
        seen: Callable[[], str] = str,
        about: Iterable[Key] = (),
    ) -> None:
        """Note what something that the step needs may be."""
        position, trail = self.step.position, situation.trail
        where, call = self.where, self.frame.name
        explorer.ledger.note(
            where, what, that, truths, call=call, seen=seen, position=position, trail=trail, about=about
        )

    def rest(self, explorer: Explorer, situation: Situation, thread: str, span: Span) -> Situation:
        """Let the thread wait for a time, which may be over at any moment if it has no end.

        In the background it is over at once: nobody but the step that joins it can tell when it is over.
        """
        endless = math.isinf(span.high)
        if span.high <= 0.0 or (endless and in_background(thread)):
            return situation
        if not endless:
            situation.world.alarms[f"{thread}:over"] = span
        return situation.wait(thread, explorer.make(ForTime, endless))


class Nothing(Body):
    """A step that changes nothing."""

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Go on."""
        return [situation]
