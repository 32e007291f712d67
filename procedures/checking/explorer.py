"""Thinks a procedure through: every situation that may come about, joined where they are alike.

Situations stand at places: what each thread does next, or waits for. What may happen next is found from each; a
situation at a place where one has been before is joined with it, and looked at again only if that tells something new.
So loops come to an end, and whatever may happen is among what was looked at.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from csc.foresight import FOREVER, Foresight, Key, Member, Ring, Span, Timer, World
from fsm import Condition, Name
from fsm.conditions import Possible, Truths, View, judge, narrow
from procedures.blocks import Blocks
from procedures.checking.frame import Frame, ProcedureView, weigh_argument
from procedures.checking.ledger import Ledger, Trail
from procedures.checking.rules import Rules
from procedures.checking.situation import MAIN, Cell, Instruction, Situation, Thread
from procedures.library import Library
from procedures.model import Argument, Check, Procedure, Step

__all__ = ["Explorer", "Handler"]

VARIANTS = 300
"""So many situations of one place are told apart by the states of machines; further ones are joined."""
PATIENCE = 4
"""After so many joins a situation is widened."""

_BY_VALUE = (str, int, float, Span, type(None))
"""Arguments that are the same if they are equal; others are if they are the same object."""

ANY_TIME = Timer.set_now(FOREVER)

T = TypeVar("T")


@dataclass(slots=True, order=True)
class _Node:
    """A situation that was met, and how often it has grown; what was met first is looked at first."""

    number: int
    situation: Situation = field(compare=False)
    joins: int = 0
    queued: bool = False
    gone: bool = False


class Handler:
    """A mark in a thread's code: what is done if what comes before it fails.

    Attributes
    ----------
    place
        The step whose end it is, if it is one's.
    """

    place = ""

    def failed(
        self, explorer: Explorer, situation: Situation, thread: str, rest: Cell | None
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


class Explorer:
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
        limit: int = 3_000,
    ) -> None:
        self.blocks = blocks
        self.rules = rules
        self.bodies = bodies
        self.consequences = consequences
        self._library = library
        self._frames: dict[str, Frame] = {}
        self.foresight = foresight
        self.cast = foresight.cast
        self.canonical = canonical
        self.ledger = Ledger()
        self.limit = limit
        self.looked_at = 0
        self._numbered = 0
        self.ends: list[Situation] = []
        self.failures: dict[str, Trail | None] = {}
        self.durations: dict[str, Span] = {}
        self.exhausted = True
        self._cells: dict[tuple[int, int], Cell] = {}
        self._made: dict[tuple[Any, ...], Any] = {}
        self._kept: list[object] = []

    # ----------------------------------------------------------- what is kept

    def make(self, kind: type[T], *arguments: Any) -> T:
        """Return the one object of a kind with these arguments: the same arguments give the same object."""
        key = (kind, *(_identity(argument) for argument in arguments))
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = kind(*arguments)
            self._kept.append(arguments)  # identities stay theirs
        return found

    def procedure(self, path: str) -> Procedure:
        """Return a procedure of the library."""
        return self._library.find(path)

    def frame(self, name: str, make: Callable[[], Frame]) -> Frame:
        """Return the one frame of this name."""
        found = self._frames.get(name)
        if found is None:
            found = self._frames[name] = make()
        return found

    def code(self, instructions: Iterable[Instruction], rest: Cell | None = None) -> Cell | None:
        """Return instructions as code, one after the other, before others."""
        for instruction in reversed(list(instructions)):
            key = (id(instruction), id(rest))
            cell = self._cells.get(key)
            if cell is None:
                cell = self._cells[key] = Cell(instruction, rest)
            rest = cell
        return rest

    def push(self, situation: Situation, thread: str, *instructions: Instruction) -> Situation:
        """Let a thread do this before what it would do next."""
        present = situation.threads[thread]
        situation.threads[thread] = replace(present, code=self.code(instructions, present.code))
        return situation

    # -------------------------------------------------------------- exploring

    def explore(self, world: World, instructions: Iterable[Instruction]) -> None:
        """Think it through from a world."""
        beginning = Situation(world, {MAIN: Thread(self.code(instructions))})
        beginning.world.clocks["all"] = Span(0.0, 0.0)
        met: dict[tuple[Any, ...], list[_Node]] = {}
        queue: list[_Node] = []
        self._meet(beginning, met, queue)
        while queue:
            node = heapq.heappop(queue)
            node.queued = False
            if node.gone:
                continue
            if self.looked_at >= self.limit:
                self.exhausted = False
                return
            self.looked_at += 1
            for following in self._next(node.situation.copy()):
                self._meet(following, met, queue)

    def _meet(self, situation: Situation, met: dict[tuple[Any, ...], list[_Node]], queue: list[_Node]) -> None:
        """Run what threads do at once, and put what comes of it among the situations that were met."""
        for waiting in self._watched(self._run(situation)):
            if MAIN not in waiting.threads:
                continue
            known = met.setdefault(waiting.place, [])
            node = next((each for each in known if each.situation.is_like(waiting)), None)
            if node is None and len(known) >= VARIANTS:
                node = known[0]
            if node is None:
                self._numbered += 1
                known.append(node := _Node(self._numbered, waiting))
                self._enqueue(node, queue)
                continue
            node.joins += 1
            if node.situation.join(waiting, widen=node.joins > PATIENCE):
                self.foresight.settle(node.situation.world)
                self._swallow(node, known)
                self._enqueue(node, queue)

    @staticmethod
    def _swallow(node: _Node, known: list[_Node]) -> None:
        """Join others with one that has grown, if they are alike by now."""
        for other in [each for each in known if each is not node and each.situation.is_like(node.situation)]:
            node.situation.join(other.situation, widen=False)
            known.remove(other)
            other.gone = True

    @staticmethod
    def _enqueue(node: _Node, queue: list[_Node]) -> None:
        if not node.queued:
            node.queued = True
            heapq.heappush(queue, node)

    def _run(self, situation: Situation) -> Iterator[Situation]:
        """Let threads do what they do at once, until all of them wait."""
        stack = [situation]
        while stack:
            present = stack.pop()
            runnable = next((name for name, thread in present.threads.items() if thread.waiting is None), None)
            if runnable is None:
                yield present
                continue
            name, thread = runnable, present.threads[runnable]
            if thread.code is None:
                del present.threads[name]
                if name == MAIN:
                    self._end(present)
                    continue
                stack.append(present)
                continue
            present.threads[name] = replace(thread, code=thread.code.rest)
            stack.extend(thread.code.instruction.do(self, present, name))

    def _watched(self, situations: Iterable[Situation]) -> Iterator[Situation]:
        """Judge the invariants that are watched; where one may be false its step fails."""
        for situation in situations:
            left: Situation | None = situation
            for thread, watches in situation.watches.items():
                for frame, step in watches:
                    for check in step.invariants:
                        if left is not None:
                            failed, left = self._watch(left, thread, frame, step, check)
                            yield from self._watched(each for one in failed for each in self._run(one))
            if left is not None:
                yield left

    def _watch(
        self, situation: Situation, thread: str, frame: Frame, step: Step, check: Check
    ) -> tuple[list[Situation], Situation | None]:
        view = self.view(situation, frame)
        truths = judge(check.that, view)
        seen = partial(self.seen, situation, frame, check.that)
        where = frame.where(step.id)
        self._note_check(frame, where, "invariant", check, truths, seen, step, situation.trail)
        if False not in truths:
            return [], situation
        failed = self.fail(situation.copy(), thread, f"{where} invariant: {check.that}")
        return failed, None if truths == {False} else situation

    def _end(self, situation: Situation) -> None:
        self.ends.append(situation)
        self.last("all", situation.world.clocks["all"])

    def _next(self, situation: Situation) -> Iterator[Situation]:
        """Yield what may come of a situation in which all threads wait: a wait is over, or something rings."""
        left: Situation | None = situation
        for name, thread in tuple(situation.threads.items()):
            if left is None or thread.waiting is None:
                break
            over, left = thread.waiting.look(self, left, name)
            yield from over
        if left is not None:
            yield from self._ring(left)

    def _ring(self, situation: Situation) -> Iterator[Situation]:
        for ring in self._weighty(situation.world):
            worlds = self.foresight.ring(situation.world, ring)
            if ring.alarm is None:
                yield from map(situation.in_world, worlds)
                continue
            later = situation.in_world(worlds[0])
            if "|" in ring.alarm:
                yield from self._late(later, *ring.alarm.split("|", 1))
                continue
            thread, _, alarm = ring.alarm.rpartition(":")
            waiting = later.threads[thread].waiting if thread in later.threads else None
            if waiting is not None:
                yield from waiting.rung(self, later, thread, alarm)

    def _weighty(self, world: World) -> list[Ring]:
        """Return what may ring next and changes something.

        A timer that changes nothing, such as that of a check which finds all well, may ring at any time; nobody has
        to wait for it.
        """
        while True:
            rings = list(self.foresight.rings(world))
            idle = [ring for ring in rings if ring.timers and self._changes_nothing(world, ring)]
            fresh = [timer for ring in idle for timer in ring.timers if world.timers[timer] != ANY_TIME]
            if not fresh:
                return [ring for ring in rings if ring not in idle]
            for timer in fresh:
                world.timers[timer] = ANY_TIME

    def _changes_nothing(self, world: World, ring: Ring) -> bool:
        return all(
            later.machines == world.machines and later.values == world.values and later.overrides == world.overrides
            for later in self.foresight.ring(world, ring)
        )

    def _late(self, situation: Situation, thread: str, place: str) -> list[Situation]:
        """Let a step fail that has not come to its end in time: what is inside it is given up."""
        code = situation.threads[thread].code if thread in situation.threads else None
        while code is not None:
            mark = code.instruction
            if isinstance(mark, Handler):
                if mark.place == place:
                    mark.late(self, situation)
                    break
                mark.skipped(situation, thread)
            code = code.rest
        situation.end_threads(f"{thread}/")
        situation.go_on(thread)
        situation.threads[thread] = Thread(code)
        return self.fail(situation, thread, f"{place}: not in time")

    # --------------------------------------------------------------- failing

    def fail(self, situation: Situation, thread: str, because: str) -> list[Situation]:
        """Let a thread fail, in place: what catches a failure goes on, or the procedure ends."""
        situation.go_on(thread)
        situation.end_threads(f"{thread}/")
        code = situation.threads[thread].code
        while code is not None:
            if isinstance(code.instruction, Handler):
                found = code.instruction.failed(self, situation, thread, code.rest)
                if found is not None:
                    return found
                code.instruction.skipped(situation, thread)
            code = code.rest
        if thread != MAIN:
            del situation.threads[thread]
            return [situation]
        self.failures.setdefault(because, situation.trail)
        return []

    # --------------------------------------------------------------- judging

    def view(self, situation: Situation, frame: Frame, *, fresh: bool = False) -> ProcedureView:
        """Return what a procedure sees."""
        return ProcedureView(self.cast, situation.world, self.canonical, frame, situation.variables, fresh=fresh)

    def value(self, situation: Situation, frame: Frame, argument: Argument) -> Possible:
        """Return what an argument of a step may be."""
        return weigh_argument(argument, self.view(situation, frame))

    def span(self, situation: Situation, frame: Frame, argument: Argument, default: float | None) -> Span | None:
        """Return what a time limit may be; None if there is none."""
        if argument is None:
            return None if default is None else Span(default, default)
        hull = self.value(situation, frame, argument).known.hull
        return FOREVER if hull is None else Span(max(0.0, hull[0]), max(0.0, hull[1]))

    def split(
        self, situation: Situation, frame: Frame, condition: Condition, *, fresh: bool = False
    ) -> tuple[Truths, Situation | None, Situation | None]:
        """Judge a condition; return its truths, and the situation where it holds and that where it does not."""
        view = self.view(situation, frame, fresh=fresh)
        truths = judge(condition, view)
        return truths, self._narrowed(situation, condition, view, frame, holds=True), self._narrowed(
            situation, condition, view, frame, holds=False
        )  # fmt: skip

    def _narrowed(
        self, situation: Situation, condition: Condition, view: View, frame: Frame, *, holds: bool
    ) -> Situation | None:
        more = narrow(condition, view, holds=holds)
        if more is None:
            return None
        return self.learn(situation, more, frame)

    def learn(self, situation: Situation, more: Mapping[Name, Possible], frame: Frame) -> Situation:
        """Return a situation of which more is known."""
        wiser = situation.in_world(self.foresight.learn(situation.world, more))
        for name, value in more.items():
            place = (frame.name, str(name))
            if place in wiser.variables:
                wiser.variables[place] = value
        return wiser

    def seen(self, situation: Situation, frame: Frame, condition: Condition) -> str:
        """Write what the names of a condition may be."""
        view = self.view(situation, frame)
        found = []
        for name in sorted(condition.names, key=str):
            value = view.possible(name)
            if isinstance(value, Possible):
                found.append(f"{name} {value}")
            else:
                found.extend(f"{member} {each}" for member, each in value.items() if len(each.values or "..") > 1)
        return ", ".join(found)

    def require(
        self, situation: Situation, thread: str, frame: Frame, check: Check, step: Step | None, what: str
    ) -> list[Situation]:
        """Judge a condition that must hold; go on where it does, and fail where it does not."""
        where = frame.where(step.id if step is not None else "")
        truths, holds, fails = self.split(situation, frame, check.that, fresh=True)
        seen = partial(self.seen, situation, frame, check.that)
        self._note_check(frame, where, what, check, truths, seen, step, situation.trail)
        found = [] if holds is None else [holds]
        if fails is not None:
            found.extend(self.fail(fails.copy(), thread, f"{where} {what}: {check.that}"))
        return found

    def _note_check(
        self,
        frame: Frame,
        where: str,
        what: str,
        check: Check,
        truths: Truths,
        seen: Callable[[], str],
        step: Step | None,
        trail: Trail | None,
    ) -> None:
        self.ledger.note(
            where,
            what,
            str(check.that),
            truths,
            call=frame.name,
            seen=seen,
            otherwise="" if check.otherwise is None else check.otherwise.text,
            position=None if step is None else step.position,
            trail=trail,
            about=self.about(check.that),
        )

    def about(self, condition: Condition, member: Member | None = None) -> list[Key]:
        """Return the machines that a condition names: those of procedures, or of a component's own."""
        found: list[Key] = []
        for name in sorted(condition.names, key=str):
            parts = name.parts
            if member is not None and len(parts) == 1 and parts[0] in (*member.charts, "summary"):
                found.append((member.name, parts[0]))
            elif len(parts) == 1 and parts[0] in self.cast.groups:
                found.extend((each, "summary") for each in self.cast.groups[parts[0]])
            elif parts and (owner := self.member(parts[0])) is not None:
                what = parts[1] if len(parts) > 1 else "summary"
                found.extend([(owner.name, what)] if what in (*owner.charts, "summary") else [])
        return found

    def last(self, name: str, span: Span) -> None:
        """Note how long something may take."""
        before = self.durations.get(name)
        self.durations[name] = span if before is None else before.join(span)

    def member(self, component: str) -> Member | None:
        """Return a component by its name on the bus or an alias."""
        return self.cast.find(self.canonical(component))


def _identity(argument: Any) -> Any:
    return argument if isinstance(argument, _BY_VALUE) else id(argument)
