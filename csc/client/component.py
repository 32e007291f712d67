"""A component, or a group of them, as a client has it: each command is a method of its name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from csc.blueprint import Blueprint, Command, Field
from csc.client.topic import ClientTopics
from csc.client.words import described_command, meant
from csc.messages import Ack
from csc.remote import DEFAULT_TIMEOUT, EventReader, Remote, RemoteGroup
from csc.typed import kind_of
from fsm import Clock

if TYPE_CHECKING:
    from csc.client.bus import ClientBus

__all__ = ["ClientComponent", "ClientGroup"]

_Method = Callable[..., Coroutine[Any, Any, Ack]]
_OWN = ("timeout", "on_progress", "data")
"""Arguments of every command that are not its fields."""


class ClientComponent:
    """A component of an observatory.

    Its commands are coroutine methods. Their arguments are the command's fields in SAL's units; those left out have
    SAL's defaults. All take `timeout` [simulated s]; `on_progress`, which is called with each acknowledgement that is
    not final; and `data`, for fields that are called like one of these.

    Parameters
    ----------
    bus, clock
        Where and when.
    name
        Its name on the bus.
    plan
        What its data sheet says.
    identity
        Who commands it.

    Attributes
    ----------
    events, telemetry
        Its topics, by name.
    """

    def __init__(self, bus: ClientBus, clock: Clock, name: str, plan: Blueprint, identity: str) -> None:
        self._bus, self._plan = bus, plan
        self._remote = Remote(bus, clock, name, identity)
        self._methods: dict[str, _Method] = {}
        topics = [topic for topic in plan.topics.values() if topic.simulated]
        told = [topic for topic in topics if not topic.telemetry]
        measured = [topic for topic in topics if topic.telemetry]
        event, sample = (partial(EventReader, bus, clock, name, history=history) for history in (True, False))
        self.events = ClientTopics(name, told, event, telemetry=False)
        self.telemetry = ClientTopics(name, measured, sample, telemetry=True)
        self.__doc__ = f"{plan.title}\n\n{plan.summary}"

    @property
    def name(self) -> str:
        """Its name on the bus, ``OCPS:1``."""
        return self._remote.name

    @property
    def alive(self) -> bool:
        """Whether it is there; what it has published can be read even if not."""
        return self.name in self._bus.elsewhere

    @property
    def summary_state(self) -> str | None:
        """The last published summary state; None if there never was one."""
        return self._remote.summary_state

    async def set_summary_state(self, state: str, *, override: str = "", timeout: float = 30.0) -> list[str]:
        """Bring it to a summary state on the shortest way.

        Parameters
        ----------
        state
            The target; not FAULT.
        override
            Configuration override for `start`.
        timeout
            Limit [simulated s] for each command.

        Returns
        -------
        list of str
            The states passed through, the first one included.

        Raises
        ------
        RuntimeError
            If the present state is unknown or a command fails; names both.
        """
        return await self._remote.set_summary_state(state, override=override, timeout=timeout)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        plan = self._plan.commands.get(name)
        if plan is None:
            raise AttributeError(f"{self.name} has no command {name}{meant(name, self._plan.commands)}")
        if name not in self._methods:
            self._methods[name] = _method(self._remote, plan)
        return self._methods[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._plan.commands]

    def __repr__(self) -> str:
        return f"<{self.name} {self.summary_state or 'unknown'}{'' if self.alive else ', not there'}>"


def _method(remote: Remote, plan: Command) -> _Method:
    """Return a command as a function with its fields as arguments."""

    async def command(
        *,
        timeout: float = DEFAULT_TIMEOUT,
        on_progress: Callable[[Ack], None] | None = None,
        data: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> Ack:
        for name in (*fields, *(data or {})):
            if name not in plan.fields:
                raise TypeError(f"{remote.name}.{plan.name} has no field {name}{meant(name, plan.fields)}")
        return await remote.command(plan.name, timeout=timeout, on_progress=on_progress, data=data, **fields)

    command.__name__ = plan.name
    command.__qualname__ = f"{remote.name}.{plan.name}"
    command.__doc__ = described_command(remote.name, plan)
    command.__signature__ = _signature(plan)  # type: ignore[attr-defined]  # what `inspect` looks for
    return command


def _signature(plan: Command) -> inspect.Signature:
    own = inspect.signature(Remote.command).parameters
    fields = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=_default(field), annotation=kind_of(field))
        for name, field in plan.fields.items()
        if name not in _OWN
    ]
    return inspect.Signature([*fields, *(own[name] for name in _OWN)], return_annotation=Ack)


def _default(field: Field) -> Any:
    default = field.default
    return list(default) if isinstance(default, tuple) else default


class ClientGroup:
    """Components that act together, such as ATCS; its members are its attributes.

    Parameters
    ----------
    name
        The group's name.
    members
        By their names.
    remotes
        Whom they are told by.
    """

    def __init__(self, name: str, members: Mapping[str, ClientComponent], remotes: RemoteGroup) -> None:
        self._name, self._members, self._remotes = name, members, remotes

    @property
    def summary_states(self) -> dict[str, str | None]:
        """The last published summary states, by component."""
        return {name: member.summary_state for name, member in self._members.items()}

    async def set_summary_state(
        self,
        state: str,
        *,
        overrides: Mapping[str, str] | None = None,
        ignore: tuple[str, ...] = (),
        timeout: float = 120.0,
    ) -> None:
        """Bring all members to a summary state at once; those already there get no command.

        Parameters
        ----------
        overrides
            Configuration overrides, by component.
        ignore
            Members to leave as they are.
        timeout
            Limit [simulated s] for each command.

        Raises
        ------
        RuntimeError
            After all were tried, naming those that failed and why.
        """
        await self._remotes.set_summary_state(state, overrides=overrides, ignore=ignore, timeout=timeout)

    def __getattr__(self, name: str) -> ClientComponent:
        found = self._members.get(name)
        if found is None:
            raise AttributeError(f"{self._name} has no member {name}{meant(name, self._members)}")
        return found

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._members]

    def __repr__(self) -> str:
        return f"<{self._name}: {', '.join(self._members)}>"
