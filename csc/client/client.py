"""An observatory that runs elsewhere, as a notebook or a program has it."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from types import TracebackType
from typing import Any, Self

from csc.blueprint import Command
from csc.bus.mqtt.address import Address
from csc.bus.mqtt.others import absent
from csc.bus.mqtt.payload import user_at_host
from csc.catalogue import Catalogue, load_catalogue
from csc.client.bus import ClientBus
from csc.client.component import ClientComponent, ClientGroup
from csc.client.following import FollowingClock, FollowingLoop
from csc.client.told import ToldTime
from csc.client.words import meant
from csc.observatory import ObservatorySheet
from csc.remote import Remote, RemoteGroup
from fsm import AuthorError, OperatorError, nearest

__all__ = ["Client"]


class Client:
    """A client of an observatory on a broker, while an ``async with`` lasts, or from ``await`` to `close`.

    Components and groups are attributes: ``obs.ATDome``, ``obs.ATCS``. Of a component with an index the name alone is
    enough where there is one of it, ``obs.OCPS``; ``obs["OCPS:1"]`` says which.

    Parameters
    ----------
    address
        Where the broker is.
    sheet
        Which components there are.
    identity
        Who commands; user@host if left out.
    catalogue
        Where the components' blueprints come from; this package's own if left out.

    Raises
    ------
    OperatorError
        On entering: if there is no broker, or the observatory is not there.
    """

    def __init__(
        self,
        address: Address,
        sheet: ObservatorySheet,
        *,
        identity: str | None = None,
        catalogue: Catalogue | None = None,
    ) -> None:
        self._address, self._sheet = address, sheet
        self._catalogue = catalogue or load_catalogue()
        self._identity = identity or user_at_host()
        self._parts: dict[str, ClientComponent | ClientGroup] = {}
        self._clock: FollowingClock | None = None
        self._bus: ClientBus | None = None

    def __await__(self) -> Generator[Any, None, Self]:
        """Connect, and stay connected until `close`: for a notebook, where an ``async with`` would be too short."""
        return self.__aenter__().__await__()

    async def __aenter__(self) -> Self:
        loop = FollowingLoop(asyncio.get_running_loop())
        clock = FollowingClock(loop)
        opening = loop.real.run_in_executor(None, self._open, clock)
        try:
            self._bus = await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_late)
            raise
        except BaseException:
            loop.close()
            raise
        self._clock = clock
        try:
            await self._find(self._bus)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _open(self, clock: FollowingClock) -> ClientBus:
        return ClientBus(clock, self._address, observatory=self._sheet.observatory, is_sampled=self._is_sampled)

    async def _find(self, bus: ClientBus) -> None:
        """Make sure that somebody is there, and not only said to be."""
        said = bus.elsewhere
        if not await asyncio.to_thread(bus.roll_call, said):
            raise OperatorError(absent(self._sheet.observatory, self._address, remembered=bool(said)))

    def _is_sampled(self, who: str, topic: str) -> bool:
        plan = self._catalogue.get(who.partition(":")[0])
        return plan is not None and topic in plan.topics and plan.topics[topic].cadence is not None

    async def close(self) -> None:
        """Leave the observatory; it goes on."""
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.leave()
            await asyncio.shield(asyncio.to_thread(bus.close))

    # ---------------------------------------------------------------- what there is

    @property
    def time(self) -> ToldTime | None:
        """What time it is in the observatory, and how fast it goes; None if nobody has told."""
        return self._here[0].time

    @property
    def components(self) -> dict[str, ClientComponent]:
        """The observatory's components, by their names on the bus."""
        return {name: self._component(name) for name in self._sheet.components}

    async def sleep(self, duration: float) -> None:
        """Let `duration` [simulated s] pass."""
        await self._here[1].sleep(duration)

    def __getitem__(self, name: str) -> ClientComponent:
        """Return a component by its name on the bus; ``Script:200000`` is one that a queue runs.

        Raises
        ------
        KeyError
            If there is none of this name; names the nearest.
        """
        found = self._names().get(name, ())
        if len(found) == 1:
            return self._component(found[0])
        base, _, index = name.partition(":")
        if base == "Script" and index.isdigit():
            return self._component(name)
        raise KeyError(f"there is no component {name} in {self._sheet.observatory}{meant(name, self._names())}")

    def __getattr__(self, name: str) -> Any:  # a ClientComponent or a ClientGroup: only the data sheets know
        if name.startswith("_"):
            raise AttributeError(name)
        found = self._names().get(name, ())
        if len(found) == 1:
            return self._component(found[0])
        if found:
            choices = " or ".join(f'["{each}"]' for each in found)
            raise AttributeError(f"there are several {name} in {self._sheet.observatory}: {choices} says which")
        if name in self._sheet.groups:
            return self._group(name)
        raise AttributeError(f"there is no {name} in {self._sheet.observatory}{meant(name, dir(self))}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._names(), *self._sheet.groups]

    def __repr__(self) -> str:
        return f"<{self._sheet.observatory} on {self._address}{'' if self._bus else ', closed'}>"

    def find_command(self, component: str, command: str) -> tuple[str, Command]:
        """Return a component's name on the bus, and what the data sheet says of a command of it.

        Raises
        ------
        AuthorError
            If there is no such component or command; names the nearest.
        """
        found = self._names().get(component, ())
        base, _, index = component.partition(":")
        if base == "Script" and index.isdigit():
            found = (component,)
        if len(found) != 1:
            several = f"; there are {' and '.join(found)}" if found else ""
            hint = None if found else nearest(component, self._names())
            raise AuthorError(f"there is no {component} in {self._sheet.observatory}{several}", suggestion=hint)
        commands = self._catalogue[found[0].partition(":")[0]].commands
        if command not in commands:
            raise AuthorError(f"{component} has no command {command}", suggestion=nearest(command, commands))
        return found[0], commands[command]

    # ---------------------------------------------------------------- within

    @property
    def _here(self) -> tuple[ClientBus, FollowingClock]:
        if self._bus is None or self._clock is None:
            raise RuntimeError(f"not connected to {self._sheet.observatory}: use it within `async with`")
        return self._bus, self._clock

    def _names(self) -> dict[str, tuple[str, ...]]:
        """Return the names on the bus by all by which a component may be called."""
        found: dict[str, tuple[str, ...]] = {}
        for name in self._sheet.components:
            base = name.partition(":")[0]
            for each in dict.fromkeys((name, base, *(() if ":" in name else self._catalogue[base].aliases))):
                found[each] = (*found.get(each, ()), name)
        return found

    def _component(self, name: str) -> ClientComponent:
        bus, clock = self._here
        found = self._parts.get(name)
        if not isinstance(found, ClientComponent):
            plan = self._catalogue[name.partition(":")[0]]
            found = self._parts[name] = ClientComponent(bus, clock, name, plan, self._identity)
        return found

    def _group(self, name: str) -> ClientGroup:
        bus, clock = self._here
        found = self._parts.get(name)
        if not isinstance(found, ClientGroup):
            names = self._sheet.groups[name]
            remotes = RemoteGroup(name, {each: Remote(bus, clock, each, self._identity) for each in names})
            found = self._parts[name] = ClientGroup(name, {each: self._component(each) for each in names}, remotes)
        return found


def _close_late(opening: asyncio.Future[ClientBus]) -> None:
    """Leave a broker that was reached when nobody wanted it any more."""
    if not opening.cancelled() and opening.exception() is None:
        bus = opening.result()
        bus.leave()
        opening.get_loop().run_in_executor(None, bus.close)
