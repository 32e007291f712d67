"""Draws programmes without faults for one component, plays them, and holds what was foreseen against what happened.

By hand, with other programmes each time: ``python -m tests.csc.foresight.programmes ATDome 500 17``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from csc import Blueprint, Command, Observatory, ObservatorySheet
from csc.foresight import Cast, Foresight
from csc.generic import STATE_COMMANDS
from csc.observatory import PlacedComponent
from fsm import Clock, Journal, simulate
from tests.csc.foresight.shadow import Contradiction, Shadow
from tests.soundness.actions import WAY_UP, Action, Enable, Send, Wait
from tests.soundness.cast import cast_of, kind_of
from tests.soundness.values import field_values

__all__ = ["hunt", "play", "programmes"]

SEED = 1
LONGEST = 14
"""Number of actions, at most."""
WAITS = (0.05, 0.3, 1.0, 3.0, 7.0, 15.0, 30.0, 61.0, 125.0, 310.0, 950.0)
"""Times [s] around those that machines live by."""
WAY = ("start", "enable", "disable", "standby")
"""Changes of the summary state that are drawn; of OFFLINE there is no coming back."""
STATES = ("STANDBY", "DISABLED", "ENABLED", "OFFLINE")
CHANGE = 12.0
"""How long [s] a change of the summary state may take."""


class Programme:
    """A programme that can be played, and printed as the Python that plays it."""

    def __init__(self, who: str, actions: list[Action], states: dict[str, str], *, joins: bool) -> None:
        self.who = who
        self.actions = actions
        self.states = states
        self.joins = joins

    def play(self) -> None:
        """Play it; raise where something was not foreseen."""
        play(self.who, *self.actions, states=self.states, joins=self.joins)

    def __repr__(self) -> str:
        lines = [repr(self.who), *map(repr, self.actions)]
        if self.states:
            lines.append(f"states={self.states!r}")
        lines.append(f"joins={self.joins}")
        return "play(\n" + "".join(f"    {line},\n" for line in lines) + ")"


def play(who: str, *actions: Action, states: Mapping[str, str] | None = None, joins: bool = False) -> list[str]:
    """Carry a programme out on a running observatory and on the worlds that it may be in.

    Returns
    -------
    list of str
        Commands that were refused.

    Raises
    ------
    Contradiction
        If something happened that was not foreseen.
    """
    sheet = _sheet(who, tuple(sorted((states or {}).items())))
    foresight = _foresight(who, tuple(sorted((states or {}).items())))

    async def main(clock: Clock) -> list[str]:
        journal = Journal(lambda: clock.now, keep=False)
        cast = cast_of(who)
        async with Observatory(
            sheet, clock, journal, seed=SEED, services=cast.services(), catalogue=cast.catalogue
        ) as observatory:
            shadow = Shadow(foresight, observatory, who, joins=joins)
            for action in actions:
                await _act(shadow, action)
            return shadow.refused

    return simulate(main, tai_start=sheet.tai_start)


async def _act(shadow: Shadow, action: Action) -> None:
    match action:
        case Send():
            await shadow.send(action.words[1], action.values)
        case Wait():
            await shadow.wait(action.words[0])
        case Enable():
            await _enable(shadow)


async def _enable(shadow: Shadow) -> None:
    component = shadow.observatory.components[shadow.member.name]
    for _ in WAY_UP:
        command = WAY_UP.get(component.summary_state or "")
        if command is None or not await shadow.send(command, {}):
            return
        await shadow.wait(CHANGE)


@cache
def _sheet(who: str, states: tuple[tuple[str, str], ...]) -> ObservatorySheet:
    cast, begin = cast_of(who), dict(states)
    return ObservatorySheet(
        observatory="shadow",
        title="shadow",
        start="2026-01-15T13:00:00",
        components={
            name: PlacedComponent(state=begin.get(name, "ENABLED"), parameters=parameters)
            for name, parameters in cast.components.items()
        },
    )


@cache
def _foresight(who: str, states: tuple[tuple[str, str], ...]) -> Foresight:
    return Foresight(Cast(_sheet(who, states), cast_of(who).catalogue))


@cache
def programmes(who: str, waits: tuple[float, ...] = WAITS) -> st.SearchStrategy[Programme]:
    """Return what draws programmes for a component, by its name on the bus."""
    cast = cast_of(who)
    plan = cast.catalogue[kind_of(who)]
    own = [command for command in plan.commands.values() if command.simulated and command.name not in STATE_COMMANDS]
    way = [command for command in plan.commands.values() if command.name in WAY]
    action = _one_of(
        (_any(who, plan, own), 12 if own else 0),
        (_any(who, plan, way), 2 if way else 0),
        (st.just(Enable(who)), 2 if plan.is_csc else 0),
        (st.sampled_from(waits).map(Wait), 7),
    )
    states = _one_of(
        (st.just({}), 2),
        (st.dictionaries(st.sampled_from(sorted(cast.components)), st.sampled_from(STATES), max_size=2), 1),
    )

    @st.composite
    def programme(draw: st.DrawFn) -> Programme:
        actions = draw(st.lists(action, min_size=1, max_size=LONGEST))
        begin = {name: state for name, state in draw(states).items() if cast.catalogue[kind_of(name)].is_csc}
        return Programme(who, actions, begin, joins=draw(st.booleans()))

    return programme()


def _one_of(*kinds: tuple[st.SearchStrategy[Any], int]) -> st.SearchStrategy[Any]:
    """Draw one of these, each as often as its number says."""
    tickets = [number for number, (_, weight) in enumerate(kinds) for _ in range(weight)]
    return st.sampled_from(tickets).flatmap(lambda number: kinds[number][0])


def _any(who: str, plan: Blueprint, commands: Iterable[Command]) -> st.SearchStrategy[Action]:
    return st.one_of([_command(who, plan, command) for command in commands] or [st.nothing()])


def _command(who: str, plan: Blueprint, command: Command) -> st.SearchStrategy[Action]:
    fields = {field.name: field_values(who, plan, field) for field in command.fields.values()}
    return st.fixed_dictionaries(fields).map(lambda values: Send(who, command.name, **values))


def hunt(
    who: str,
    examples: int,
    *,
    seed: int | None = None,
    waits: tuple[float, ...] = WAITS,
    known: frozenset[str] = frozenset(),
) -> None:
    """Play so many programmes; the same ones each time, or other ones for each seed.

    Parameters
    ----------
    known
        What may contradict, by name: a programme ends there.

    Raises
    ------
    Contradiction
        What the shortest contradicting programme raised; hypothesis prints the programme.
    """

    def check(programme: Programme) -> None:
        try:
            programme.play()
        except Contradiction as found:
            if found.about.isdisjoint(known):
                raise

    test = given(programme=programmes(who, waits))(check)
    if seed is not None:
        test = seeded(seed)(test)
    settings(
        max_examples=examples,
        derandomize=seed is None,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )(test)()


if __name__ == "__main__":
    hunt(sys.argv[1], int(sys.argv[2]), seed=int(sys.argv[3]))
