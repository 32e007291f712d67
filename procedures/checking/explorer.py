"""Thinks a procedure through: every situation that may come about.

Situations stand at places: what each thread does next, or waits for. What may happen next is found from each, until
nothing new comes about; so whatever may happen is among what was looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from csc.foresight import FOREVER, Foresight, Ring, Span, Timer, World
from fsm.conditions import judge
from procedures.blocks import Blocks
from procedures.checking.frame import Frame
from procedures.checking.interning import Interning
from procedures.checking.judging import Judging
from procedures.checking.ledger import Trail
from procedures.checking.meeting import Meeting
from procedures.checking.rules import Rules
from procedures.checking.situation import MAIN, Cell, Instruction, Situation, Thread
from procedures.library import Library
from procedures.model import Check, Procedure, Step

__all__ = ["Explorer", "Handler"]

AT_ONCE = 40
"""So many instructions are carried out for each situation, on average, at most."""
ANY_TIME = Timer.set_now(FOREVER)


class Handler:
    """A mark in a thread's code: what is done if what comes before it fails.

    Attributes
    ----------
    place
        The step whose end it is, if it is one's.
    """

    place = ""

    def failed(
        self, explorer: Explorer, situation: Situation, thread: str, rest: Cell | None, because: str
    ) -> list[Situation] | None:
        """Go on after a failure, or return None to let it pass; `rest` is what comes after the mark."""
        return None

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Do nothing: nothing has failed."""
        return [situation]

    def skipped(self, situation: Situation, thread: str) -> None:
        """Clear up if a failure leads past the mark."""

    def late(self, explorer: Explorer, situation: Situation) -> None:
        """Note that it was not reached in time."""


class Explorer(Interning, Judging):
    """Thinks procedures through.

    Parameters
    ----------
    foresight
        What components may do.
    canonical
        Turns an alias of a component into its name on the bus.
    library, blocks
        Where procedures and blocks are found.
    rules
        What commands should have besides what their components demand.
    bodies
        What each kind of step does.
    consequences
        What else comes of a command that a component, by its kind, accepts.
    limit
        So many situations are looked at, at most.
    notice
        Is told how many have been looked at.
    """

    def __init__(
        self,
        foresight: Foresight,
        canonical: Callable[[str], str],
        *,
        library: Library,
        blocks: Blocks,
        rules: Rules,
        bodies: Mapping[type[Step], type[Any]],
        consequences: Mapping[tuple[str, str], Callable[..., None]],
        limit: int,
        notice: Callable[[int], object],
    ) -> None:
        Interning.__init__(self)
        Judging.__init__(self, foresight, canonical)
        self.blocks = blocks
        self.rules = rules
        self.bodies = bodies
        self.consequences = consequences
        self.limit = limit
        self.looked_at = 0
        self._done = 0
        self._notice = notice
        self._about_images: dict[int, bool] = {}
        self.failures: dict[str, Trail | None] = {}
        self.exhausted = True
        self._library = library
        self._meeting = Meeting(lambda situation: foresight.settle(situation.world))

    def procedure(self, path: str) -> Procedure:
        """Return a procedure of the library."""
        return self._library.find(path)

    # -------------------------------------------------------------- exploring

    def explore(self, world: World, instructions: Iterable[Instruction]) -> None:
        """Think it through from a world."""
        beginning = Situation(world, {MAIN: Thread(self.code(instructions))})
        beginning.begin_step(MAIN, "all")
        self._meet(beginning)
        while (situation := self._meeting.next()) is not None:
            if self.looked_at >= self.limit or self._done >= self.limit * AT_ONCE:
                self.exhausted = False
                return
            self.looked_at += 1
            self._notice(self.looked_at)
            for following in self._next(situation.copy()):
                self._meet(following)

    def _meet(self, situation: Situation) -> None:
        """Run what threads do at once, and put what comes of it among the situations that were met."""
        for waiting in self._run(situation):
            if MAIN in waiting.threads:
                self._meeting.add(waiting)

    def _run(self, situation: Situation) -> Iterator[Situation]:
        """Let threads do what they do at once, until all of them wait."""
        stack = [situation]
        while stack and self._done < self.limit * AT_ONCE:
            self._done += 1
            present = stack.pop()
            runnable = next((name for name, thread in present.threads.items() if thread.waiting is None), None)
            if runnable is None:
                yield present
                continue
            name, thread = runnable, present.threads[runnable]
            if thread.code is None:
                if name == MAIN:
                    taken = present.end_step(MAIN, "all")
                    if taken is not None:
                        self.last("all", taken)
                    continue
                present.end(name)
                stack.append(present)
                continue
            present.threads[name] = Thread(thread.code.rest, thread.waiting)
            world = present.world
            for following in thread.code.instruction.do(self, present, name):
                if not following.watches or following.world.is_same(world):
                    stack.append(following)
                    continue
                failed, calm = self._watched(following, again=True)
                stack.extend(failed if calm is None else (*failed, calm))

    def _next(self, situation: Situation) -> Iterator[Situation]:
        """Yield what may come of a situation in which all threads wait: a wait is over, or something rings."""
        situation.tighten()
        over, left = self._look(situation)
        yield from over
        if left is None:
            return
        rings = self._weighty(left.world)
        # Until something rings, what only behaviours do may happen at any time, and end a wait.
        meanwhile = left.copy()
        self.foresight.elapse(
            meanwhile.world, Span(0.0, min((ring.passed.high for ring, _ in rings), default=math.inf))
        )
        self.foresight.settle(meanwhile.world)
        if over or meanwhile.world.learned != left.world.learned or not meanwhile.world.is_same(left.world):
            over, _ = self._look(meanwhile, again=True)
            yield from over
        for ring, worlds in rings:
            yield from self._ring(left, ring, worlds)
        if not rings:
            for thread in left.threads.values():
                if thread.waiting is not None:
                    thread.waiting.stuck(self, left)

    def _look(self, situation: Situation, *, again: bool = False) -> tuple[list[Situation], Situation | None]:
        """Return situations in which an invariant is broken or a wait over, and the one in which all wait on.

        Parameters
        ----------
        again
            Whether only components have changed since it was looked at.
        """
        found, left = self._watched(situation, again=again)
        for name, thread in tuple(situation.threads.items()):
            if left is None or thread.waiting is None:
                break
            over, left = thread.waiting.look(self, left, name)
            found.extend(over)
        return found, left

    def _watched(self, situation: Situation, *, again: bool = False) -> tuple[list[Situation], Situation | None]:
        """Judge all invariants that are watched; return what comes of broken ones, and where all hold."""
        failed: list[Situation] = []
        left: Situation | None = situation
        for thread, watches in situation.watches.items():
            for frame, step in watches:
                if left is not None and not (again and self._asks_no_component(step)):
                    more, left = self._watch(left, thread, frame, step)
                    failed.extend(more)
        return failed, left

    def _asks_no_component(self, step: Step) -> bool:
        """Tell whether the invariants of a step are about images and variables only."""
        if id(step) not in self._about_images:
            names = [name for check in step.invariants for name in check.that.names if name.function is None]
            self._about_images[id(step)] = not any(
                name.parts[0] in self.cast.groups or self.member(name.parts[0]) is not None for name in names
            )
        return self._about_images[id(step)]

    def _watch(
        self, situation: Situation, thread: str, frame: Frame, step: Step
    ) -> tuple[list[Situation], Situation | None]:
        """Judge the invariants of a step; return where one is broken, and where all hold."""
        where, broken = frame.where(step.id), ""
        left: Situation | None = situation
        for check in step.invariants:
            truths = judge(check.that, self.view(situation, frame))
            seen = partial(self.seen, situation, frame, check.that)
            self.note_check(frame, where, "invariant", check, truths, seen, step, situation.trail)
            broken = f"{where} invariant: {check.that}" if False in truths else broken
            left = None if truths == {False} else left
        if not broken:
            return [], left
        failed = self._give_up(situation.copy(), thread, where)
        return self.fail(failed, thread, broken), left

    def _ring(self, situation: Situation, ring: Ring, worlds: list[World]) -> Iterable[Situation]:
        if ring.alarm is None:
            return map(situation.in_world, worlds)
        later = situation.in_world(worlds[0])
        if "|" in ring.alarm:
            return self._late(later, *ring.alarm.split("|", 1))
        thread, _, alarm = ring.alarm.rpartition(":")
        waiting = later.threads[thread].waiting if thread in later.threads else None
        return [] if waiting is None else waiting.rung(self, later, thread, alarm)

    def _weighty(self, world: World) -> list[tuple[Ring, list[World]]]:
        """Return what may ring next and changes something, with the worlds that may follow.

        A timer that changes nothing, such as that of a check which finds all well, may ring at any time; nobody has
        to wait for it.
        """
        while True:
            rings = [(ring, self.foresight.ring(world, ring)) for ring in self.foresight.rings(world)]
            idle = [ring for ring, worlds in rings if ring.timers and all(later.is_same(world) for later in worlds)]
            fresh = [timer for ring in idle for timer in ring.timers if world.timers[timer] != ANY_TIME]
            if not fresh:
                return [(ring, worlds) for ring, worlds in rings if ring not in idle]
            for timer in fresh:
                world.timers[timer] = ANY_TIME

    def _late(self, situation: Situation, thread: str, place: str) -> list[Situation]:
        """Let a step fail that has not come to its end in time."""
        failed = self._give_up(situation, thread, place)
        code = failed.threads[thread].code
        if code is not None and isinstance(code.instruction, Handler):
            code.instruction.late(self, failed)
        return self.fail(failed, thread, f"{place}: not in time")

    def _give_up(self, situation: Situation, thread: str, place: str) -> Situation:
        """Give up, in place, what is inside a step: its end comes next."""
        code = situation.threads[thread].code if thread in situation.threads else None
        while code is not None:
            mark = code.instruction
            if isinstance(mark, Handler):
                if mark.place == place:
                    break
                mark.skipped(situation, thread)
            code = code.rest
        situation.end_threads(f"{thread}/")
        situation.go_on(thread)
        situation.threads[thread] = Thread(code)
        return situation

    # --------------------------------------------------------------- failing

    def fail(self, situation: Situation, thread: str, because: str) -> list[Situation]:
        """Let a thread fail, in place: what catches a failure goes on, or the procedure ends."""
        situation.go_on(thread)
        situation.end_threads(f"{thread}/")
        code = situation.threads[thread].code
        while code is not None:
            if isinstance(code.instruction, Handler):
                found = code.instruction.failed(self, situation, thread, code.rest, because)
                if found is not None:
                    return found
                code.instruction.skipped(situation, thread)
            code = code.rest
        if thread != MAIN:
            situation.end(thread)
            return [situation]
        self.failures.setdefault(because, situation.trail)
        return []

    def require(
        self, situation: Situation, thread: str, frame: Frame, check: Check, step: Step | None, what: str
    ) -> list[Situation]:
        """Judge a condition that must hold; go on where it does, and fail where it does not."""
        where = frame.where(step.id if step is not None else "")
        truths, holds, fails = self.split(situation, frame, check.that, fresh=True)
        seen = partial(self.seen, situation, frame, check.that)
        self.note_check(frame, where, what, check, truths, seen, step, situation.trail)
        found = [] if holds is None else [holds]
        if fails is not None:
            found.extend(self.fail(fails.copy(), thread, f"{where} {what}: {check.that}"))
        return found
