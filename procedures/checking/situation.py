"""A situation: a world, and where the procedures in it have got to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from csc.foresight import FOREVER, Span, World
from csc.foresight.span import NOW
from fsm.conditions import UNKNOWN, Possible
from procedures.checking.frame import Frame, Variables
from procedures.checking.ledger import Trail
from procedures.model import Step

if TYPE_CHECKING:
    from procedures.checking.explorer import Explorer

__all__ = ["MAIN", "Cell", "Instruction", "Situation", "Thread", "Waiting", "fields_of"]

MAIN = "main"
"""The thread of the procedure itself."""


class Instruction(Protocol):
    """Something that a thread does at once."""

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Do it, in place, and return every situation that may come of it; the thread's code is already behind it."""


class Waiting(Protocol):
    """Something that a thread waits for.

    Attributes
    ----------
    last
        Whether all that stands here is joined, and looked at when there is nothing else to look at.
    """

    last: bool

    def look(self, explorer: Explorer, situation: Situation, thread: str) -> tuple[list[Situation], Situation | None]:
        """Return the situations in which the wait is over, and the one in which it goes on, if there is one."""

    def rung(self, explorer: Explorer, situation: Situation, thread: str, alarm: str) -> list[Situation]:
        """Return what comes of an alarm that the wait has set."""

    def stuck(self, explorer: Explorer, situation: Situation) -> None:
        """Note that nothing will ever end the wait in this situation."""


@dataclass(frozen=True, eq=False, slots=True)
class Cell:
    """What a thread does next, and then."""

    instruction: Instruction
    rest: Cell | None


@dataclass(frozen=True, slots=True)
class Thread:
    """One line of doing; branches of a parallel step and background tasks have lines of their own."""

    code: Cell | None
    waiting: Waiting | None = None


@dataclass(slots=True)
class Situation:
    """What may be so, and what is being done.

    Attributes
    ----------
    threads
        By name; a branch is named after the thread that waits for it.
    variables
        What variables may be, by procedure, and what threads keep: of each owner a mapping that is never changed, only
        replaced.
    saved
        Clocks as they were when a loop began, by thread.
    steps
        Steps under way, the innermost last, by thread; only the clock of the innermost one runs.
    limits
        Time limits of steps that have one for all that is in them.
    watches
        Steps whose invariants are watched, by thread.
    trail
        The shortest way here.
    """

    world: World
    threads: dict[str, Thread]
    variables: Variables = field(default_factory=dict)
    saved: dict[str, dict[str, Span]] = field(default_factory=dict)
    steps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    limits: dict[str, Span] = field(default_factory=dict)
    watches: dict[str, tuple[tuple[Frame, Step], ...]] = field(default_factory=dict)
    trail: Trail | None = None

    def copy(self) -> Situation:
        """Return another one that is alike."""
        return self.in_world(self.world.copy())

    def in_world(self, world: World) -> Situation:
        """Return the same in another world."""
        return Situation(
            world,
            threads=dict(self.threads),
            variables=dict(self.variables),
            saved=dict(self.saved),
            steps=dict(self.steps),
            limits=dict(self.limits),
            watches=dict(self.watches),
            trail=self.trail,
        )

    def go_on(self, thread: str) -> Situation:
        """End what a thread waits for."""
        self.threads[thread] = Thread(self.threads[thread].code)
        for alarm in [alarm for alarm in self.world.alarms if alarm.startswith(f"{thread}:")]:
            del self.world.alarms[alarm]
        return self

    def wait(self, thread: str, waiting: Waiting) -> Situation:
        """Let a thread wait."""
        self.threads[thread] = Thread(self.threads[thread].code, waiting)
        return self

    def begin_step(self, thread: str, step: str, limit: Span | None = None) -> None:
        """Let the clock of a step run instead of that of the step around it; `limit` is that of all that is in it."""
        clocks, held, around = self.world.clocks, self.world.held, self.steps.get(thread, ())
        if around:
            held[around[-1]] = clocks.pop(around[-1])
        clocks[step] = NOW
        self.steps[thread] = (*around, step)
        if limit is not None:
            self.limits[step] = self.world.alarms[step] = limit

    def end_step(self, thread: str, step: str) -> Span | None:
        """Return how long a step has taken, at most as long as its limit; None if it is not under way."""
        clocks, held, around = self.world.clocks, self.world.held, self.steps.get(thread, ())
        if step not in around:
            return None
        taken, most = clocks.pop(around[-1]), self.limits.get(step, FOREVER).high
        for inner, outer in zip(reversed(around), (*reversed(around[:-1]), None), strict=True):
            if inner == step:
                taken = Span(min(taken.low, most), min(taken.high, most))
                if outer is not None:
                    clocks[outer] = held.pop(outer).plus(taken)
                break
            if outer is not None:
                taken = held.pop(outer).plus(taken)
        self.steps[thread] = around[: around.index(step)]
        self.limits.pop(step, None)
        self.world.alarms.pop(step, None)
        return taken

    def tighten(self) -> None:
        """Take from the clocks of steps when their time limits are over, where joined alarms say less."""
        for around in self.steps.values():
            since = NOW
            for step in reversed(around):
                since = since.plus(self.world.clocks[step] if step == around[-1] else self.world.held[step])
                limit, alarm = self.limits.get(step), self.world.alarms.get(step)
                if limit is not None and alarm is not None:
                    left = limit.after(since)
                    self.world.alarms[step] = Span(max(alarm.low, left.low), min(alarm.high, left.high))

    def let(self, owner: str, name: str, value: Possible) -> None:
        """Let a variable have a value from now on."""
        self.variables[owner] = {**self.variables.get(owner, {}), name: value}

    def forget(self, frame: str) -> None:
        """Forget the variables of a procedure that is over, but for one of which something goes on beside."""
        if not any(name.startswith(frame) for name in self.threads):
            self.variables.pop(frame, None)

    def end(self, thread: str) -> None:
        """End a thread, and forget what is its own."""
        del self.threads[thread]
        self.saved.pop(thread, None)
        self.steps.pop(thread, None)
        self.watches.pop(thread, None)
        self.variables.pop(thread, None)
        self.variables.pop(fields_of(thread), None)

    def end_threads(self, prefix: str) -> None:
        """End all threads whose names begin so, and what they have set."""
        for name in [name for name in self.threads if name.startswith(prefix)]:
            self.end(name)
        for kept in (self.world.alarms, self.world.clocks, self.world.held):
            for name in [name for name in kept if name.startswith(prefix)]:
                del kept[name]

    @property
    def place(self) -> tuple[object, ...]:
        """Where all threads are: situations with the same place can be joined."""
        return tuple((name, thread.code, thread.waiting) for name, thread in self.threads.items())

    @property
    def is_last(self) -> bool:
        """Whether it is joined with all others at its place, and looked at after all others."""
        return any(thread.waiting is not None and thread.waiting.last for thread in self.threads.values())

    def is_like(self, other: Situation) -> bool:
        """Tell whether it is worth telling apart from another one at the same place."""
        return self.world.is_like(other.world)

    def join(self, other: Situation, *, widen: bool) -> bool:
        """Let also be so what may be so in another situation at the same place; tell whether that is more."""
        changed = self.world.join(other.world, widen=widen)
        for owner in {**self.variables, **other.variables}:
            mine, theirs = self.variables.get(owner, {}), other.variables.get(owner, {})
            if mine is not theirs and (joined := _joined(mine, theirs, widen=widen)) != mine:
                self.variables[owner] = joined
                changed = True
        for step, limit in other.limits.items():
            self.limits[step] = self.limits[step].join(limit) if step in self.limits else limit
        if self.trail is not None and other.trail is not None and other.trail.length < self.trail.length:
            self.trail = other.trail
        return changed


def fields_of(thread: str) -> str:
    """Return the owner of the fields of the command that a thread has sent last."""
    return f"{thread} fields"


def _joined(mine: Mapping[str, Possible], theirs: Mapping[str, Possible], *, widen: bool) -> dict[str, Possible]:
    """Join variables; one that is on one side only may be unknown."""
    joined = {}
    for name in {**mine, **theirs}:
        one, other = mine.get(name, UNKNOWN), theirs.get(name, UNKNOWN)
        joined[name] = one.widened(other) if widen else one.join(other)
    return joined
