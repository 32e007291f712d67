"""A situation: a world, and where the procedures in it have got to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from csc.foresight import Span, World
from fsm.conditions import UNKNOWN, Possible
from procedures.checking.frame import Frame, Variables
from procedures.checking.ledger import Trail
from procedures.model import Step

if TYPE_CHECKING:
    from procedures.checking.explorer import Explorer

__all__ = ["MAIN", "Cell", "Instruction", "Situation", "Thread", "Waiting"]

MAIN = "main"
"""The thread of the procedure itself."""


class Instruction(Protocol):
    """Something that a thread does at once."""

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Do it, in place, and return every situation that may come of it; the thread's code is already behind it."""


class Waiting(Protocol):
    """Something that a thread waits for."""

    def look(self, explorer: Explorer, situation: Situation, thread: str) -> tuple[list[Situation], Situation | None]:
        """Return the situations in which the wait is over, and the one in which it goes on, if there is one."""

    def rung(self, explorer: Explorer, situation: Situation, thread: str, alarm: str) -> list[Situation]:
        """Return what comes of an alarm that the wait has set."""


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
        What variables and the arguments of commands under way may be.
    saved
        Clocks as they were when a loop began, by thread.
    watches
        Steps whose invariants are watched, by thread.
    trail
        The shortest way here.
    """

    world: World
    threads: dict[str, Thread]
    variables: Variables = field(default_factory=dict)
    saved: dict[str, dict[str, Span]] = field(default_factory=dict)
    watches: dict[str, tuple[tuple[Frame, Step], ...]] = field(default_factory=dict)
    trail: Trail | None = None

    def copy(self) -> Situation:
        """Return another one that is alike."""
        return self.in_world(self.world.copy())

    def in_world(self, world: World) -> Situation:
        """Return the same in another world."""
        variables, saved, watches = dict(self.variables), dict(self.saved), dict(self.watches)
        return Situation(world, dict(self.threads), variables, saved, watches, self.trail)

    def go_on(self, thread: str) -> Situation:
        """End what a thread waits for."""
        self.threads[thread] = replace(self.threads[thread], waiting=None)
        for alarm in [alarm for alarm in self.world.alarms if alarm.startswith(f"{thread}:")]:
            del self.world.alarms[alarm]
        return self

    def wait(self, thread: str, waiting: Waiting) -> Situation:
        """Let a thread wait."""
        self.threads[thread] = replace(self.threads[thread], waiting=waiting)
        return self

    def forget(self, frame: Frame) -> None:
        """Forget the variables of a procedure that is over, but for one of which something goes on beside."""
        if not any(name.startswith(frame.name) for name in self.threads):
            for key in [key for key in self.variables if key[0] == frame.name]:
                del self.variables[key]

    def end_threads(self, prefix: str) -> None:
        """End all threads whose names begin so, and forget what they have set."""
        for name in [name for name in self.threads if name.startswith(prefix)]:
            del self.threads[name]
            self.saved.pop(name, None)
            self.watches.pop(name, None)
        for kept in (self.world.alarms, self.world.clocks):
            for name in [name for name in kept if name.startswith(prefix)]:
                del kept[name]

    @property
    def place(self) -> tuple[object, ...]:
        """Where all threads are: situations with the same place can be joined."""
        return tuple((name, thread.code, thread.waiting) for name, thread in self.threads.items())

    def is_like(self, other: Situation) -> bool:
        """Tell whether it is worth telling apart from another one at the same place."""
        return self.world.is_like(other.world)

    def join(self, other: Situation, *, widen: bool) -> bool:
        """Let also be so what may be so in another situation at the same place; tell whether that is more."""
        changed = self.world.join(other.world, widen=widen)
        for key, value in other.variables.items():
            before = self.variables.get(key, UNKNOWN)
            joined = before.widened(value) if widen else before.join(value)
            if joined != before:
                self.variables[key] = joined
                changed = True
        for key, before in tuple(self.variables.items()):
            if key not in other.variables and not before.unknown:
                self.variables[key] = Possible(before.values, before.low, before.high, unknown=True)
                changed = True
        if self.trail is not None and other.trail is not None and other.trail.length < self.trail.length:
            self.trail = other.trail
        return changed
