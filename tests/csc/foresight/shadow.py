"""Carries a running observatory and the worlds that it may be in side by side.

After each action only those worlds are kept that the running observatory is in. The one that follows what truly
happened is always among them, so none being left is a contradiction: something happened that was not foreseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from csc import Ack, AckCode, Command, Component, Observatory
from csc.arguments import arguments, canonical
from csc.foresight import Foresight, Member, Outcome, Span, World
from csc.foresight.sending import weigh
from fsm import Refused
from fsm.conditions import Possible, exactly
from tests.csc.foresight.differences import unlike

__all__ = ["Contradiction", "Shadow"]

MOMENT = 0.001
"""A time [s] in which a command of this instant arrives, and what it brings about at once is over."""
MOST = 200
"""So many worlds are told apart while time passes; after that those that are alike are joined."""
PATIENCE = 4
"""After so many joins a world is widened."""
ALARM = "wait"


class Contradiction(AssertionError):
    """Something happened that was not foreseen.

    Parameters
    ----------
    text
        What.
    about
        What differs, by name.
    """

    def __init__(self, text: str, about: frozenset[str]) -> None:
        super().__init__(text)
        self.about = about


@dataclass(slots=True)
class _Fate:
    """What a running component made of a command."""

    carried_out: bool = False
    by_behaviour: bool = False
    refused: bool = False
    pending: bool = True

    def acknowledged(self, ack: Ack) -> None:
        """Note an acknowledgement."""
        if ack.code.is_final:
            self.pending = False
            self.refused = self.refused or (ack.code is AckCode.FAILED and not self.carried_out)


class Shadow:
    """A running observatory, and the worlds that it may be in.

    Parameters
    ----------
    foresight
        Carries worlds on.
    observatory
        Runs.
    who
        The component that is given commands.
    joins
        Whether worlds are joined where they are alike, as they are when a procedure is thought through.

    Attributes
    ----------
    refused
        Commands that the component has refused.
    """

    def __init__(self, foresight: Foresight, observatory: Observatory, who: str, *, joins: bool) -> None:
        self.foresight = foresight
        self.observatory = observatory
        self.member: Member = foresight.cast.members[who]
        self.joins = joins
        self.refused: list[str] = []
        self.worlds = [foresight.opening()]
        self._component: Component = observatory.components[who]
        self._pending: dict[str, list[_Fate]] = {}
        self._keep("the opening")

    async def send(self, name: str, values: Mapping[str, Any]) -> bool:
        """Give a command; tell whether it was given.

        It is not if there is none, if its fields are no values of their types, or if another one of its name is under
        way and it would have to wait.
        """
        command = self.member.plan.commands.get(name)
        if command is None or (command.changes_state and self.member.takes_time(command)):
            return False  # who sends it must wait for the behaviour before the state changes
        try:
            fields = canonical(command, SimpleNamespace(**arguments(command, values)))
        except Refused:
            return False
        if any(fate.pending for fate in self._pending.get(name, ())) and not command.allow_concurrent:
            return False
        possible = {key: exactly(value) for key, value in vars(fields).items()}
        outcomes = [weigh(self.foresight, world, self.member, command, possible) for world in self.worlds]
        before = self.worlds
        fate = await self._carry_out(command, values)
        if fate.refused:
            self.refused.append(name)
        self.worlds = list(self._after(fate, command, possible, before, outcomes))
        if not self.worlds:
            text = f"{name} was {_word(fate)}, and that was not foreseen: {outcomes[0].judged}"
            raise Contradiction(text, frozenset((f"{self.member.plan.component}.{name} {_word(fate)}",)))
        self._keep(f"{name}, {_word(fate)}")
        await self.wait(MOMENT)
        return True

    async def _carry_out(self, given: Command, values: Mapping[str, Any]) -> _Fate:
        """Give a command to the running component; return what it made of it in this very instant."""
        fate = _Fate()
        self._pending.setdefault(given.name, []).append(fate)
        do = self._component.do

        def watched(command: str, data: SimpleNamespace) -> Any:
            if command != given.name:
                return do(command, data)
            fate.carried_out = True
            try:
                return do(command, data)
            except Refused:
                fate.carried_out, fate.by_behaviour = False, True
                raise

        self._component.do = watched  # type: ignore[method-assign]  # a peephole, for one command
        try:
            name = self.member.name
            self.observatory.bus.send(name, given.name, values, identity="shadow", reply=fate.acknowledged)
            await self.observatory.clock.sleep(0)
            await self.observatory.clock.sleep(0)
        finally:
            self._component.do = do  # type: ignore[method-assign]  # back to what it was
        return fate

    def _after(
        self,
        fate: _Fate,
        command: Command,
        possible: Mapping[str, Possible],
        before: Iterable[World],
        outcomes: Iterable[Outcome],
    ) -> Iterator[World]:
        for world, outcome in zip(before, outcomes, strict=True):
            if fate.carried_out:
                if outcome.accepted is not None:
                    yield from self.foresight.give(outcome.accepted, self.member, command, possible)
            elif fate.refused:
                if outcome.may_be_refused or (fate.by_behaviour and command.refuses):
                    yield world
            elif outcome.ignored is not None:
                yield outcome.ignored

    async def wait(self, duration: float) -> None:
        """Let time pass."""
        await self.observatory.clock.sleep(duration)
        for world in self.worlds:
            world.alarms[ALARM] = Span(duration, duration)
        self.worlds = list(_Passing(self.foresight, self.worlds, joins=self.joins))
        self._keep(f"{duration:g} s")

    def _keep(self, what: str) -> None:
        """Keep the worlds that the running observatory is in."""
        now = self.observatory.clock.now
        differences = [list(unlike(self.foresight.cast, world, self.observatory, self.member)) for world in self.worlds]
        if all(differences):
            least = min(differences, key=len)
            about = frozenset(text.partition(" ")[0] for text in least)
            raise Contradiction(f"after {what}, t={now:g} s, in {len(self.worlds)} worlds: {least}", about)
        self.worlds = [world for world, each in zip(self.worlds, differences, strict=True) if not each]


class _Passing:
    """Lets time pass in worlds until an alarm rings."""

    def __init__(self, foresight: Foresight, worlds: Iterable[World], *, joins: bool) -> None:
        self._foresight = foresight
        self._joins = joins
        self._met: list[World] = []
        self._joined: dict[int, int] = {}
        self._waiting: list[World] = []
        self._over: list[World] = []
        for world in worlds:
            self._meet(world)

    def __iter__(self) -> Iterator[World]:
        while self._waiting:
            world = self._waiting.pop()
            for ring in list(self._foresight.rings(world)):
                for later in self._foresight.ring(world, ring):
                    if ring.alarm is None:
                        self._meet(later)
                    elif later not in self._over:
                        self._over.append(later)
        return iter(self._over)

    def _meet(self, world: World) -> None:
        if world in self._met:
            return
        known = None
        if self._joins or len(self._met) >= MOST:
            known = next((each for each in self._met if each.is_like(world)), None)
        if known is None and len(self._met) >= 2 * MOST:
            known = self._met[0]
        if known is None:
            self._met.append(world)
            self._waiting.append(world)
            return
        self._joined[id(known)] = number = self._joined.get(id(known), 0) + 1
        if known.join(world, widen=number > PATIENCE):
            self._foresight.settle(known)
            if not any(each is known for each in self._waiting):
                self._waiting.append(known)


def _word(fate: _Fate) -> str:
    if fate.refused:
        return "refused by the behaviour" if fate.by_behaviour else "refused"
    return "carried out" if fate.carried_out else "lost" if fate.pending else "ignored"
