"""What can be done to an observatory, one action at a time, and how it is written down.

An action's text is the Python that makes it: a programme that a test has found can be pasted into another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.soundness.stage import Stage

__all__ = ["Action", "Break", "Clear", "Enable", "Inject", "Kill", "Leave", "Send", "Wait"]


WAY_UP = {"OFFLINE": "enterControl", "STANDBY": "start", "DISABLED": "enable", "FAULT": "standby"}
"""What leads to ENABLED."""
WAY_OUT = {"ENABLED": "disable", "DISABLED": "standby", "FAULT": "standby", "STANDBY": "exitControl"}
"""What leads to OFFLINE."""


class Action:
    """One thing done, made of words and named values."""

    def __init__(self, *words: Any, **values: Any) -> None:
        self.words = words
        self.values = values

    async def act(self, stage: Stage) -> None:
        """Do it."""
        raise NotImplementedError

    def __repr__(self) -> str:
        given = [repr(word) for word in self.words] + [f"{key}={value!r}" for key, value in self.values.items()]
        return f"{type(self).__name__}({', '.join(given)})"


class Send(Action):
    """Send a command: component, command, fields. Its acknowledgements are watched."""

    async def act(self, stage: Stage) -> None:
        to, command = self.words
        stage.send(to, command, self.values)


class Enable(Action):
    """Bring a component to ENABLED, as far as its commands lead there."""

    async def act(self, stage: Stage) -> None:
        [name] = self.words
        await stage.bring(name, WAY_UP)


class Leave(Action):
    """Bring a component to OFFLINE, as far as its commands lead there."""

    async def act(self, stage: Stage) -> None:
        [name] = self.words
        await stage.bring(name, WAY_OUT)


class Wait(Action):
    """Let so many seconds pass; with 0 whatever is due at this instant happens."""

    async def act(self, stage: Stage) -> None:
        [duration] = self.words
        await stage.wait(duration)


class Inject(Action):
    """Let a fault happen: component, fault, parameters."""

    async def act(self, stage: Stage) -> None:
        name, fault = self.words
        stage.sane = False
        if name in stage.components:
            stage.components[name].faults.inject(fault, **self.values)


class Clear(Action):
    """End the oldest fault of a component by hand."""

    async def act(self, stage: Stage) -> None:
        [name] = self.words
        if name in stage.components and stage.components[name].faults.active:
            faults = stage.components[name].faults
            faults.clear(faults.active[0])


class Break(Action):
    """Send a component to FAULT with an error of its data sheet."""

    async def act(self, stage: Stage) -> None:
        name, error = self.words
        stage.spoil(name, "broken")
        if name in stage.components:
            stage.components[name].standing.fault(error)


class Kill(Action):
    """Take a component away, as if its process had died."""

    async def act(self, stage: Stage) -> None:
        [name] = self.words
        stage.spoil(name, "killed")
        if name in stage.components:
            stage.observatory.retire(name)
