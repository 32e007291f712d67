"""Steps that wait, and those that only look."""

from __future__ import annotations

from csc.foresight import FOREVER, Span, sends
from csc.foresight.span import NOW, span_of
from fsm import Name
from fsm.conditions import Possible
from procedures import model
from procedures.checking.body import Body
from procedures.checking.explorer import Explorer
from procedures.checking.resting import rest
from procedures.checking.situation import Situation
from procedures.checking.waits import ForCondition

__all__ = ["ExpectNow", "WaitFor"]

ALWAYS, EITHER = frozenset((True,)), frozenset((True, False))


class WaitFor(Body):
    """A wait for a condition, an event or a time."""

    @property
    def names(self) -> frozenset[Name]:
        """Those of the condition."""
        step: model.Wait = self.step
        return frozenset() if step.until is None else step.until.names

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Begin to wait."""
        step: model.Wait = self.step
        if step.duration is not None:
            span = explorer.span(situation, self.frame, step.duration, None) or NOW
            return [rest(explorer, situation, thread, span)]
        limit = explorer.span(situation, self.frame, step.timeout, None)
        if step.event is not None:
            return self._for_event(explorer, situation, thread, *step.event, limit or FOREVER)
        if step.until is None:
            return [situation]
        if limit is not None:
            situation.world.alarms[f"{thread}:limit"] = limit
        return [situation.wait(thread, explorer.make(ForCondition, step, self.frame, step.until, step.unless))]

    def _for_event(
        self, explorer: Explorer, situation: Situation, thread: str, component: str, topic: str, limit: Span
    ) -> list[Situation]:
        """Wait for an event: what is sampled comes within its cadence, others come or do not."""
        step: model.Wait = self.step
        missed = situation.copy()
        self.keep(situation, thread, step.save, Possible())
        name = explorer.canonical(component)
        after = sends(explorer.cast, situation.world, name, topic)
        certain = not after.unknown and (longest := span_of(after).high) <= limit.low
        that = f"{name}.{topic} comes" + ("" if limit == FOREVER else f" within {step.timeout}")
        if step.on_failure is None:  # otherwise the step knows what to do: nothing must come
            self.note(explorer, situation, "wait", that, ALWAYS if certain else EITHER)
        if certain:
            return [rest(explorer, situation, thread, Span(0.0, longest))]
        came = rest(explorer, situation, thread, Span(0.0, limit.high))
        return [came] if limit == FOREVER else [came, *explorer.fail(missed, thread, f"{self.where}: {that} not")]


class ExpectNow(Body):
    """A condition that must hold."""

    @property
    def names(self) -> frozenset[Name]:
        """Those of the condition."""
        step: model.Expect = self.step
        return step.check.that.names

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Judge it."""
        step: model.Expect = self.step
        return explorer.require(situation, thread, self.frame, step.check, step, "expect")
