"""Draws programmes for a component from its data sheet and its neighbours': commands, faults, waits.

Most commands suit their fields and most find the component ENABLED, for what is refused at the door shows
little; some do not.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from csc import Blueprint, Command, Fault
from csc.generic import STATE_COMMANDS
from tests.soundness.actions import Action, Break, Clear, Enable, Inject, Kill, Leave, Send, Wait
from tests.soundness.cast import cast_of, kind_of
from tests.soundness.stage import play
from tests.soundness.values import WRONG, field_values, parameter_values

__all__ = ["Programme", "programmes"]

SHORTEST, LONGEST = 1, 30
"""Number of actions."""
WAITS = (0.0, 0.05, 0.3, 1.0, 3.0, 7.0, 15.0, 30.0, 61.0, 125.0, 310.0, 950.0)
"""Times [s] around those that the machines of the observatory live by."""
STATES = ("STANDBY", "DISABLED", "ENABLED", "OFFLINE")


class Programme:
    """A programme that can be played, and printed as the Python that plays it."""

    def __init__(self, who: str, actions: list[Action], states: dict[str, str]) -> None:
        self.who = who
        self.actions = actions
        self.states = states

    def play(self) -> None:
        """Play it; raise if it is unsound."""
        play(self.who, *self.actions, states=self.states)

    def __repr__(self) -> str:
        lines = [repr(self.who), *map(repr, self.actions)]
        if self.states:
            lines.append(f"states={self.states!r}")
        return "play(\n" + "".join(f"    {line},\n" for line in lines) + ")"


@cache
def programmes(who: str) -> st.SearchStrategy[Programme]:
    """Return what draws programmes for a component, by its name on the bus."""
    cast = cast_of(who)
    plan = cast.catalogue[kind_of(who)]
    others = [name for name in cast.components if name != who]
    disturbances = [(_deeds(name, cast.catalogue[kind_of(name)]), 8) for name in others]
    disturbances += [(_break(name, cast.catalogue[kind_of(name)]), 1) for name in others]
    if others:
        disturbances.append((st.sampled_from(others).map(Kill), 1))
    action = _one_of(
        (_deeds(who, plan), 10),
        (st.sampled_from(WAITS).map(Wait), 6),
        (_one_of(*disturbances), 2 if others else 0),
    )
    states = _one_of(
        (st.just({}), 3),
        (st.dictionaries(st.sampled_from([who, *others]), st.sampled_from(STATES), max_size=2), 1),
    )

    @st.composite
    def programme(draw: st.DrawFn) -> Programme:
        length = draw(st.integers(SHORTEST, LONGEST))
        return Programme(who, [draw(action) for _ in range(length)], draw(states) if plan.is_csc else {})

    return programme()


def _one_of(*kinds: tuple[st.SearchStrategy[Any], int]) -> st.SearchStrategy[Any]:
    """Draw one of these, each as often as its number says."""
    tickets = [number for number, (_, weight) in enumerate(kinds) for _ in range(weight)]
    if not tickets:
        return st.nothing()
    return st.sampled_from(tickets).flatmap(lambda number: kinds[number][0])


def _deeds(name: str, plan: Blueprint) -> st.SearchStrategy[Action]:
    """Return what draws one thing that is done to a component."""
    own = [command for command in plan.commands.values() if command.simulated and not _is_generic(command)]
    rest = [command for command in plan.commands.values() if command not in own]
    return _one_of(
        (_any_command(name, plan, own), 24 if own else 0),
        (_any_command(name, plan, rest), 3 if rest else 0),
        (st.just(Enable(name)), 4 if plan.is_csc else 0),
        (st.just(Leave(name)), 1 if plan.is_csc else 0),
        (_one_of(*[(_fault(name, fault), 1) for fault in plan.faults.values()]), 4 if plan.faults else 0),
        (st.just(Clear(name)), 3 if plan.faults else 0),
    )


def _break(name: str, plan: Blueprint) -> st.SearchStrategy[Action]:
    """Return what draws a neighbour's FAULT, whatever led there."""
    if not plan.errors or not plan.is_csc:
        return st.just(Kill(name))
    return st.sampled_from(sorted(plan.errors)).map(lambda error: Break(name, error))


def _is_generic(command: Command) -> bool:
    return command.name in (*STATE_COMMANDS, "setLogLevel")


def _any_command(name: str, plan: Blueprint, commands: list[Command]) -> st.SearchStrategy[Action]:
    return _one_of(*[(_command(name, plan, command), 1) for command in commands])


def _command(name: str, plan: Blueprint, command: Command) -> st.SearchStrategy[Action]:
    fields = {field.name: field_values(name, plan, field) for field in command.fields.values()}
    if not fields:
        return st.just(Send(name, command.name))
    whole = st.fixed_dictionaries(fields)
    wrong = st.dictionaries(st.sampled_from(sorted(fields)), st.sampled_from(WRONG), min_size=1, max_size=1)
    values = _one_of(
        (whole, 10),
        (st.fixed_dictionaries({}, optional=fields), 1),
        (st.tuples(whole, wrong).map(lambda both: both[0] | both[1]), 1),
    )
    return values.map(lambda given: Send(name, command.name, **given))


def _fault(name: str, fault: Fault) -> st.SearchStrategy[Action]:
    values = {item.name: parameter_values(item) for item in fault.parameters.values()}
    return st.fixed_dictionaries({}, optional=values).map(lambda given: Inject(name, fault.name, **given))
