"""Steps that order other steps: side by side, in the background, one of two ways, again and again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from csc.foresight import FOREVER, Span
from fsm import NULL, Name, Value
from fsm.conditions import Possible, exactly, one_of
from procedures import model
from procedures.checking.body import Body
from procedures.checking.explorer import Explorer, Handler
from procedures.checking.frame import Frame
from procedures.checking.resting import BACKGROUND, rest, sampled
from procedures.checking.situation import Cell, Situation, Thread
from procedures.checking.stepping import Steps
from procedures.checking.waits import ForBranches, ForRounds, Loop

__all__ = ["Again", "Aside", "Each", "EitherWay", "Joined", "Keep", "Side", "fork"]

UNROLLED = 8
"""Lists of so many items are gone through one by one, and so many rounds are told apart."""


def fork(
    explorer: Explorer, situation: Situation, thread: str, branches: Iterable[tuple[str, tuple[Any, ...]]]
) -> list[Situation]:
    """Let branches go on side by side, and the thread wait for all of them."""
    for name, instructions in branches:
        situation.threads[name] = Thread(explorer.code((*instructions, explorer.make(BranchEnd, thread))))
    return [situation.wait(thread, explorer.make(ForBranches))]


class BranchEnd(Handler):
    """The end of a branch: if it fails, so do the others and the step."""

    def __init__(self, parent: str) -> None:
        self._parent = parent

    def failed(
        self, explorer: Explorer, situation: Situation, thread: str, rest: Cell | None, because: str
    ) -> list[Situation] | None:
        """End all branches and fail."""
        situation.end_threads(f"{self._parent}/")
        return explorer.fail(situation, self._parent, because)


class Side(Body):
    """Branches side by side."""

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Begin them."""
        step: model.Parallel = self.step
        branches = [
            (f"{thread}/{step.id}.{number}", (explorer.make(Steps, self.frame, branch),))
            for number, branch in enumerate(step.branches)
        ]
        return fork(explorer, situation, thread, branches)


class Aside(Body):
    """Steps that go on in the background."""

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Begin them."""
        step: model.Background = self.step
        code = explorer.code((explorer.make(Steps, self.frame, step.steps),))
        situation.threads[f"{self.frame.name}{BACKGROUND}{step.task}"] = Thread(code)
        return [situation]


class Joined(Body):
    """A wait for what goes on in the background; it may be over, or be given up, at any time."""

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Wait, and end what is still there."""
        step: model.Join = self.step
        limit = explorer.span(situation, self.frame, step.limit, None) or FOREVER
        for task in step.tasks:
            explorer.push(situation, thread, explorer.make(EndTask, f"{self.frame.name}{BACKGROUND}{task}"))
        return [rest(explorer, situation, thread, Span(0.0, limit.high * len(step.tasks)))]


class EndTask:
    """A background task is over."""

    def __init__(self, task: str) -> None:
        self._task = task

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Take it away."""
        situation.end_threads(self._task)
        return [situation]


class EitherWay(Body):
    """Steps that are taken only if a condition holds, and others if it does not."""

    @property
    def names(self) -> frozenset[Name]:
        """Those of the condition."""
        step: model.When = self.step
        return step.condition.names

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Go both ways if both are possible."""
        step: model.When = self.step
        _, holds, fails = explorer.split(situation, self.frame, step.condition, fresh=True)
        return [
            explorer.push(way.copy(), thread, explorer.make(Steps, self.frame, steps))
            for way, steps in ((holds, step.steps), (fails, step.otherwise))
            if way is not None
        ]


class Again(Body):
    """Steps that are repeated until a condition holds."""

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Take them once, and perhaps again."""
        step: model.Repeat = self.step
        times = explorer.value(situation, self.frame, step.times).known.hull
        if times is not None and times[1] < 1:
            return [situation]
        counted = times is not None and times[0] == times[1] <= UNROLLED
        left = int(times[1]) - 1 if times is not None and counted else None
        once = explorer.make(Steps, self.frame, step.steps)
        again = explorer.make(PerhapsAgain, self.frame, step, left)
        begun = explorer.push(situation.copy(), thread, once, again)
        return [begun] if times is not None and times[0] >= 1 else [begun, situation]


class PerhapsAgain(Body):
    """The end of steps that are repeated.

    Parameters
    ----------
    left
        How many rounds are left; None if that is not known.
    """

    def __init__(self, frame: Frame, step: Any, left: int | None) -> None:
        super().__init__(frame, step)
        self._left = left

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Stand where all rounds come together, when what the condition asks for has been sampled."""
        step: model.Repeat = self.step
        names = frozenset() if step.until is None else step.until.names
        return [explorer.push(situation, thread, *sampled(explorer, self.frame, names), explorer.make(Head, self))]

    def rounds(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Go on where the condition holds; elsewhere take them again, or have taken them often enough."""
        step: model.Repeat = self.step
        found: list[Situation] = []
        fails: Situation | None = situation
        if step.until is not None:
            _, holds, fails = explorer.split(situation, self.frame, step.until, fresh=True)
            found.extend([] if holds is None else [holds.copy()])
        if fails is not None and self._left != 0:
            left = None if self._left is None else self._left - 1
            steps, end = (
                explorer.make(Steps, self.frame, step.steps),
                explorer.make(PerhapsAgain, self.frame, step, left),
            )
            found.append(explorer.push(fails.copy(), thread, steps, end))
        if fails is not None and not self._left:
            found.append(fails.copy())
        return found


class Head:
    """The head of a loop."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Stand where all rounds come together."""
        return [situation.wait(thread, explorer.make(ForRounds, self._loop))]


class Each(Body):
    """Steps for each item of a list."""

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Take them for each item, or for any number of items if there are many or not all are known."""
        step: model.ForEach = self.step
        items = explorer.value(situation, self.frame, step.of)
        only = items.only
        if only is NULL or (items.values is not None and not items.values):
            return [situation]
        if only is not None and not isinstance(only, tuple):
            only = (only,)
        steps = explorer.make(Steps, self.frame, step.steps)
        if isinstance(only, tuple) and len(only) <= UNROLLED:
            key = (self.frame.name, step.item)
            parts = ((explorer.make(Store, key, Held.of(item)), steps) for item in only)
            return [explorer.push(situation, thread, *(part for pair in parts for part in pair))]
        self.keep(situation, thread, step.item, one_of(only) if isinstance(only, tuple) else Possible())
        return explorer.make(AnyNumber, self.frame, step).do(explorer, situation, thread)


class AnyNumber(Body):
    """Steps that are taken any number of times."""

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Stand where all rounds come together."""
        return [explorer.push(situation, thread, explorer.make(Head, self))]

    def rounds(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Go on, and also take them once more."""
        once = explorer.make(Steps, self.frame, self.step.steps)
        return [situation, explorer.push(situation.copy(), thread, once, self)]


class Held:
    """A value that is the same object wherever it is the same value."""

    __slots__ = ("value",)
    _all: ClassVar[dict[Value, Held]] = {}

    def __init__(self, value: Value) -> None:
        self.value = value

    @classmethod
    def of(cls, value: Value) -> Held:
        """Return the object for a value."""
        return cls._all.setdefault(value, cls(value))


class Store:
    """A variable has a value from now on."""

    def __init__(self, key: tuple[str, str], held: Held) -> None:
        self._key = key
        self._value = exactly(held.value)

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Store it."""
        situation.let(*self._key, self._value)
        return [situation]


class Keep(Body):
    """Names given to values."""

    @property
    def names(self) -> frozenset[Name]:
        """Those of the values."""
        step: model.Let = self.step
        return frozenset(name for _, expression in step.values for name in expression.names)

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Keep them."""
        step: model.Let = self.step
        for name, expression in step.values:
            self.keep(situation, thread, name, explorer.value(situation, self.frame, expression))
        return [situation]
