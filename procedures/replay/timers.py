"""The timers of a run: what rings next, for whom, and what it does.

What a timer is for is told by what it calls: a row of a machine, the end of a command's time limit, the end of a
sleep, the next sample of a topic.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from csc.alarm import Alarm
from fsm import Machine, SimulatedLoop
from procedures.frame import Stage

__all__ = ["Ringing", "name_of", "timers_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing:
    """A timer that rings at simulated time `at` [s].

    Attributes
    ----------
    kind
        ``machine``, ``component``, ``limit`` of a wait, ``sleep``, ``sample`` of a topic, or ``other``.
    machine
        The machine whose row is taken; empty if it is none.
    """

    at: float
    kind: str
    who: str
    machine: str
    what: str


def timers_of(loop: SimulatedLoop, stage: Stage) -> Iterator[Ringing]:
    """Yield the timers that are set, in the order in which they ring."""
    sleepers = _sleepers(loop)
    for at, callback, args in loop.timers():
        kind, who, machine, what = _told(callback, args, loop, sleepers)
        yield Ringing(at=at, kind=kind, who=name_of(who, stage), machine=machine, what=what)


def name_of(who: str, stage: Stage) -> str:
    """Return who is meant by the name of a task: that of the run itself is its first procedure's."""
    main = stage.observatory.clock.loop.main
    return stage.frames[0].who if main is not None and who == main.get_name() and stage.frames else who


def _told(
    callback: Callable[..., object], args: tuple[Any, ...], loop: SimulatedLoop, sleepers: dict[int, str]
) -> tuple[str, str, str, str]:
    if isinstance(callback, Alarm):
        return _alarm(callback)
    for key in (callback, getattr(callback, "__self__", None)):
        if key in loop.waits:
            who, what = loop.waits[key]
            return "limit", who, "", f"gives up waiting for {' '.join(what().split())}"
    if args and id(args[0]) in sleepers:
        return "sleep", sleepers[id(args[0])], "", "goes on"
    if args and isinstance(args[0], tuple):
        return "sample", str(args[0][0]), "", f"{args[0][1]} is sampled"
    return "other", "", "", _name_of(callback)


def _alarm(alarm: Alarm) -> tuple[str, str, str, str]:
    found = Machine.timed_row(alarm.due)
    if found is None:
        return "component", alarm.component.name, "", _name_of(alarm.due)
    machine, row = found
    what = row.target or ", ".join(row.emits) or machine.state
    return "machine", alarm.component.name, machine.name, f"{machine.state} → {what}"


def _sleepers(loop: SimulatedLoop) -> dict[int, str]:
    """Return the name of the task that sleeps, by the identity of the future that ends the sleep."""
    waiters = ((getattr(task, "_fut_waiter", None), task.get_name()) for task in asyncio.all_tasks(loop))
    return {id(waiter): name for waiter, name in waiters if waiter is not None}


def _name_of(function: Callable[..., object]) -> str:
    """Say what a function is called, in words."""
    while isinstance(function, functools.partial):
        function = function.func
    names = getattr(function, "__qualname__", type(function).__name__).split(".")
    name = next((name for name in reversed(names) if not name.startswith("<")), "")
    return name.strip("_").replace("_", " ")
