"""Procedures and steps: what must hold before, meanwhile and after, and what is done about a failure."""

from __future__ import annotations

from procedures import model
from procedures.checking.explorer import Explorer, Handler
from procedures.checking.frame import Frame
from procedures.checking.ledger import Trail
from procedures.checking.resting import sampled
from procedures.checking.situation import Cell, Instruction, Situation, Thread, fields_of
from procedures.checking.waits import ForAllOthers
from procedures.model import Step

__all__ = ["Procedure", "Steps"]

LIMITED_AS_A_WHOLE = (model.Block, model.Call)
"""Steps whose time limit is that of everything in them."""


class Procedure:
    """A whole procedure: its preconditions, its steps, its postconditions."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Begin it."""
        frame, make = self._frame, explorer.make
        explorer.rules.judge_call(explorer, situation, frame)
        before = required(explorer, frame, frame.procedure.preconditions, None, "precondition")
        return [explorer.push(situation, thread, *before, make(Main, frame), make(ProcedureEnd, frame))]


class Main:
    """What comes after the preconditions."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Begin with the steps."""
        frame, procedure, make = self._frame, self._frame.procedure, explorer.make
        after = required(explorer, frame, procedure.postconditions, None, "postcondition")
        return [explorer.push(situation, thread, make(Steps, frame, procedure.steps), *after, make(Rescue, frame))]


class Rescue(Handler):
    """What a procedure does about a failure of its own; it has failed none the less."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def failed(
        self, explorer: Explorer, situation: Situation, thread: str, rest: Cell | None, because: str
    ) -> list[Situation] | None:
        """Take the steps for a failure, and those that clean up, and fail."""
        procedure = self._frame.procedure
        taken = [steps for steps in (procedure.on_failure, procedure.cleanup) if steps]
        if not taken:
            return None
        explorer.failures.setdefault(because, situation.trail)
        situation.threads[thread] = Thread(rest)
        situation.variables.pop(fields_of(thread), None)
        steps = (explorer.make(Steps, self._frame, each) for each in taken)
        explorer.push(situation, thread, *steps, explorer.make(Fail, procedure.name))
        return [situation.wait(thread, explorer.make(ForAllOthers))]


class Fail:
    """The end of what was done about a failure."""

    def __init__(self, name: str) -> None:
        self._name = name

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Fail."""
        return explorer.fail(situation, thread, f"{self._name} has failed")


class ProcedureEnd(Handler):
    """The end of a procedure: nobody asks for its variables any more."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Forget them."""
        situation.forget(self._frame.name)
        return [situation]

    def skipped(self, situation: Situation, thread: str) -> None:
        """Forget them."""
        situation.forget(self._frame.name)


class Steps:
    """Steps, one after the other."""

    def __init__(self, frame: Frame, steps: tuple[Step, ...]) -> None:
        self._frame = frame
        self._steps = steps

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Begin them."""
        return [explorer.push(situation, thread, *(explorer.make(OneStep, self._frame, step) for step in self._steps))]


class OneStep:
    """A step, with what must hold around it."""

    def __init__(self, frame: Frame, step: Step) -> None:
        self._frame = frame
        self._step = step

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Begin it."""
        frame, step, make = self._frame, self._step, explorer.make
        place = frame.where(step.id)
        before = situation.trail
        length = 1 if before is None else before.length + 1
        situation.trail = Trail(place, frame.name, dict(situation.world.machines), before, length)
        whole = isinstance(step, LIMITED_AS_A_WHOLE)
        limit = explorer.span(situation, frame, step.timeout, None) if whole else None
        situation.begin_step(thread, f"{thread}|{place}", limit)
        what = make(explorer.bodies[type(step)], frame, step)
        body = [*sampled(explorer, frame, what.names), what]
        if step.invariants:
            body = [make(Watch, frame, step), *body, make(WatchEnd, frame, step)]
        pre = required(explorer, frame, step.preconditions, step, "precondition")
        post = required(explorer, frame, step.postconditions, step, "postcondition")
        return [explorer.push(situation, thread, *pre, *body, *post, make(StepEnd, frame, step))]


class StepEnd(Handler):
    """The end of a step, and what it does about its own failure."""

    def __init__(self, frame: Frame, step: Step) -> None:
        self._frame = frame
        self._step = step
        self.place = frame.where(step.id)

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Note how long it took, and that it was over in time."""
        key = f"{thread}|{self.place}"
        limited = key in situation.limits
        taken = situation.end_step(thread, key)
        if taken is not None:
            explorer.last(self.place, taken)
        if limited:
            self._note(explorer, situation, in_time=True)
        return [situation]

    def failed(
        self, explorer: Explorer, situation: Situation, thread: str, rest: Cell | None, because: str
    ) -> list[Situation] | None:
        """Take the steps for a failure, if there are any, and go on."""
        self.skipped(situation, thread)
        if self._step.on_failure is None:
            return None
        situation.threads[thread] = Thread(rest)
        return [explorer.push(situation, thread, explorer.make(Steps, self._frame, self._step.on_failure))]

    def late(self, explorer: Explorer, situation: Situation) -> None:
        """Note that the step was not over in time."""
        self._note(explorer, situation, in_time=False)

    def _note(self, explorer: Explorer, situation: Situation, *, in_time: bool) -> None:
        trail = situation.trail
        truths = frozenset((in_time,))
        limit = self._step.timeout
        that, call = f"all is done within {limit}", self._frame.name
        explorer.ledger.note(self.place, "wait", that, truths, call=call, position=self._step.position, trail=trail)

    def skipped(self, situation: Situation, thread: str) -> None:
        """Forget how long it has taken."""
        situation.end_step(thread, f"{thread}|{self.place}")


class Require:
    """A condition that must hold now."""

    def __init__(self, frame: Frame, check: model.Check, step: Step | None, what: str) -> None:
        self._frame = frame
        self._check = check
        self._step = step
        self._what = what

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Judge it."""
        return explorer.require(situation, thread, self._frame, self._check, self._step, self._what)


def required(
    explorer: Explorer, frame: Frame, checks: tuple[model.Check, ...], step: Step | None, what: str
) -> list[Instruction]:
    """Return conditions that must hold, one after the other, each when what it asks for has been sampled."""
    found: list[Instruction] = []
    for check in checks:
        found += sampled(explorer, frame, check.that.names)
        found.append(explorer.make(Require, frame, check, step, what))
    return found


class Watch:
    """From here on the invariants of a step are watched."""

    def __init__(self, frame: Frame, step: Step) -> None:
        self._frame = frame
        self._step = step

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Begin to watch."""
        situation.watches[thread] = (*situation.watches.get(thread, ()), (self._frame, self._step))
        return [situation]


class WatchEnd(Handler):
    """The invariants of a step are watched no longer."""

    def __init__(self, frame: Frame, step: Step) -> None:
        self._watch = (frame, step)

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Stop watching."""
        self.skipped(situation, thread)
        return [situation]

    def skipped(self, situation: Situation, thread: str) -> None:
        """Stop watching after a failure."""
        left = tuple(each for each in situation.watches.get(thread, ()) if each[1] is not self._watch[1])
        situation.watches[thread] = left
