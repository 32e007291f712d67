"""Steps that wait, and those that only look."""

from __future__ import annotations

from csc.foresight import FOREVER, Span
from csc.foresight.span import NOW
from fsm.conditions import Possible
from procedures import model
from procedures.checking.body import Body
from procedures.checking.explorer import Explorer
from procedures.checking.situation import Situation
from procedures.checking.waits import ForCondition

__all__ = ["ExpectNow", "WaitFor"]


class WaitFor(Body):
    """A wait for a condition, an event or a time."""

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Begin to wait."""
        step: model.Wait = self.step
        if step.duration is not None:
            span = explorer.span(situation, self.frame, step.duration, None) or NOW
            return [self.rest(explorer, situation, thread, span)]
        limit = explorer.span(situation, self.frame, step.timeout, None)
        if step.until is None:
            self.keep(situation, thread, step.save, Possible())
            return [self.rest(explorer, situation, thread, FOREVER if limit is None else Span(0.0, limit.high))]
        if limit is not None:
            situation.world.alarms[f"{thread}:limit"] = limit
        return [situation.wait(thread, explorer.make(ForCondition, step, self.frame, step.until, step.unless))]


class ExpectNow(Body):
    """A condition that must hold."""

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Judge it."""
        step: model.Expect = self.step
        return explorer.require(situation, thread, self.frame, step.check, step, "expect")
