"""What threads wait for."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from csc.blueprint import Command
from csc.foresight import LocalView, Member
from fsm import Condition
from fsm.conditions import judge, narrow
from procedures.checking.explorer import Explorer
from procedures.checking.frame import Frame
from procedures.checking.situation import Situation, fields_of
from procedures.model import Step, Unless

__all__ = ["ForAcknowledgement", "ForAllOthers", "ForBranches", "ForCondition", "ForRounds", "ForTime", "Loop"]

ALWAYS, NEVER = frozenset((True,)), frozenset((False,))
Looked = tuple[list[Situation], Situation | None]


class _Wait:
    """What most waits have in common."""

    last = False

    def rung(self, explorer: Explorer, situation: Situation, thread: str, alarm: str) -> list[Situation]:
        """Go on."""
        return [situation.go_on(thread)]

    def stuck(self, explorer: Explorer, situation: Situation) -> None:
        """Say nothing: what is waited for says it."""


class ForTime(_Wait):
    """A time passes; it may be over at once if `anytime`."""

    def __init__(self, anytime: bool) -> None:
        self._anytime = anytime

    def look(self, explorer: Explorer, situation: Situation, thread: str) -> Looked:
        """End it here too, if it may be over at any moment."""
        if self._anytime:
            return [situation.copy().go_on(thread)], situation
        return [], situation


class ForCondition(_Wait):
    """A condition comes true, or one that ends the wait as a failure; or the time is over."""

    def __init__(self, step: Step, frame: Frame, until: Condition, unless: tuple[Unless, ...]) -> None:
        self._step = step
        self._frame = frame
        self._until = until
        self._unless = unless

    def look(self, explorer: Explorer, situation: Situation, thread: str) -> Looked:
        """See whether one of the conditions may be true."""
        over: list[Situation] = []
        left: Situation | None = situation
        for item in self._unless:
            if left is None:
                return over, None
            _, ended, left = explorer.split(left, self._frame, item.when)
            if ended is not None:
                over.extend(explorer.fail(ended.copy(), thread, f"{self._where} ended: {item.when}"))
        if left is None:
            return over, None
        _, fulfilled, left = explorer.split(left, self._frame, self._until)
        if fulfilled is not None:
            explorer.ledger.note(
                self._where, "wait", str(self._until), ALWAYS, call=self._frame.name, position=self._step.position
            )
            over.append(fulfilled.copy().go_on(thread))
        return over, left

    def rung(self, explorer: Explorer, situation: Situation, thread: str, alarm: str) -> list[Situation]:
        """Fail: the condition has not come true in time."""
        if self._step.on_failure is not None:  # the step knows what to do then: nothing must come true
            return explorer.fail(situation, thread, f"{self._where}: not in time")
        self.stuck(explorer, situation)
        return explorer.fail(situation, thread, f"{self._where}: not in time: {self._until}")

    def stuck(self, explorer: Explorer, situation: Situation) -> None:
        """Note that the condition does not come true."""
        explorer.ledger.note(
            self._where,
            "wait",
            str(self._until),
            NEVER,
            call=self._frame.name,
            seen=partial(explorer.seen, situation, self._frame, self._until),
            position=self._step.position,
            trail=situation.trail,
        )

    @property
    def _where(self) -> str:
        return self._frame.where(self._step.id)


class ForAcknowledgement(_Wait):
    """A component has accepted a command and carries it out."""

    def __init__(self, step: Step, frame: Frame, member: Member, command: Command) -> None:
        self._step = step
        self._frame = frame
        self._member = member
        self._command = command

    def look(self, explorer: Explorer, situation: Situation, thread: str) -> Looked:
        """See whether it may have failed, or be done."""
        over: list[Situation] = []
        left: Situation | None = situation
        for failure in self._command.fails:
            if left is None:
                return over, None
            ended, left = self._split(explorer, left, thread, failure.when)
            if ended is not None:
                over.extend(explorer.fail(ended, thread, f"{self._where}: {self.name} fails: {failure.when}"))
        if left is None or self._command.done is None:
            done, left = left, None
        else:
            done, left = self._split(explorer, left, thread, self._command.done)
        if done is not None:
            self._note_done(explorer)
            over.append(done.copy().go_on(thread))
        if left is not None:
            left = self._interrupted(explorer, left, thread, over)
        return over, left

    def begun(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Return where the behaviour is done; a summary state changes only now, if it is still one that may."""
        member, command = self._member, self._command
        states = situation.world.machines.get((member.name, "summary"), frozenset()) & set(command.states)
        if not command.changes_state:
            return [situation]
        if not states:
            return []
        situation.world.machines[member.name, "summary"] = states
        worlds = explorer.foresight.give(situation.world, member, command, situation.variables[fields_of(thread)])
        return [situation.in_world(world) for world in worlds]

    def done(self, explorer: Explorer, situation: Situation, thread: str) -> Situation | None:
        """Return where it is done, as is promised of a command that takes a known time; None if it cannot be."""
        if self._command.takes is None or self._command.done is None:
            return None
        done, _ = self._split(explorer, situation, thread, self._command.done)
        if done is not None:
            self._note_done(explorer)
        return done

    def _note_done(self, explorer: Explorer) -> None:
        explorer.ledger.note(
            self._where, "wait", self._that, ALWAYS, call=self._frame.name, position=self._step.position
        )

    def _interrupted(
        self, explorer: Explorer, situation: Situation, thread: str, over: list[Situation]
    ) -> Situation | None:
        """Fail where the component has left the states in which it takes the command."""
        states = situation.world.machines.get((self._member.name, "summary"))
        if states is None or self._command.changes_state or states <= set(self._command.states):
            return situation
        over.extend(explorer.fail(situation.copy(), thread, f"{self._where}: {self.name} is interrupted"))
        return situation if states & set(self._command.states) else None

    def _split(
        self, explorer: Explorer, situation: Situation, thread: str, condition: Condition
    ) -> tuple[Situation | None, Situation | None]:
        view = LocalView(explorer.cast, self._member, situation.world, arguments=situation.variables[fields_of(thread)])
        if True not in judge(condition, view):
            return None, situation
        found: list[Situation | None] = []
        for holds in (True, False):
            more = narrow(condition, view, holds=holds)
            world = None if more is None else explorer.foresight.learn(situation.world, more, self._member)
            found.append(None if world is None else situation.in_world(world))
        return found[0], found[1]

    def rung(self, explorer: Explorer, situation: Situation, thread: str, alarm: str) -> list[Situation]:
        """Fail: the time of the sender, or that of the component, is over."""
        explorer.ledger.note(
            self._where,
            "wait",
            self._that,
            NEVER,
            call=self._frame.name,
            position=self._step.position,
            trail=situation.trail,
        )
        return explorer.fail(situation, thread, f"{self._where}: {self.name} is not done in time")

    @property
    def _where(self) -> str:
        return self._frame.where(self._step.id)

    @property
    def name(self) -> str:
        """The command, with its component."""
        return f"{self._member.name}.{self._command.name}"

    @property
    def _that(self) -> str:
        return f"{self.name} is done in time" + (f": {self._command.done}" if self._command.done else "")


class Loop(Protocol):
    """Steps that are taken again and again."""

    def rounds(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Return what may follow a round: another one, or what comes after the loop."""


class ForRounds(_Wait):
    """Nothing, at the head of a loop: so that the situations of all rounds meet, and are joined."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop

    def look(self, explorer: Explorer, situation: Situation, thread: str) -> Looked:
        """Go on at once."""
        return self._loop.rounds(explorer, situation.copy().go_on(thread), thread), None


class ForAllOthers(_Wait):
    """Nothing, where many ways come together of which little is asked: they go on as one, after all others."""

    last = True

    def look(self, explorer: Explorer, situation: Situation, thread: str) -> Looked:
        """Go on at once."""
        return [situation.copy().go_on(thread)], None


class ForBranches(_Wait):
    """All branches of a parallel step have come to their end."""

    def look(self, explorer: Explorer, situation: Situation, thread: str) -> Looked:
        """See whether one is left."""
        if any(name.startswith(f"{thread}/") for name in situation.threads):
            return [], situation
        return [situation.go_on(thread)], None

    def rung(self, explorer: Explorer, situation: Situation, thread: str, alarm: str) -> list[Situation]:
        """Fail: the time of the whole step is over."""
        return explorer.fail(situation, thread, "not in time")
