"""Events and telemetry as a client reads them: the last sample, the next one, or one after the other."""

from __future__ import annotations

import asyncio
import math
import weakref
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from csc.blueprint import Field, Topic
from csc.bus.mqtt.payload import number
from csc.client.words import described_topic, meant
from csc.messages import Sample
from csc.remote import EventReader

__all__ = ["ClientTopic", "ClientTopics", "readable"]

MakeReader = Callable[[str], EventReader]


class ClientTopic:
    """An event, or telemetry, of a component.

    ``async for sample in topic`` reads one sample after the other, without an end. The fields of a sample are its
    attributes, in SAL's units.

    Parameters
    ----------
    plan
        What its data sheet says.
    make_reader
        Makes what reads it.
    name
        Under which it is read; ``position/10`` is telemetry every 10 simulated seconds.
    """

    def __init__(self, plan: Topic, make_reader: MakeReader, name: str) -> None:
        self._plan, self._make_reader, self._name = plan, make_reader, name
        self._reader = make_reader(name)
        self._turn = asyncio.Lock()
        self.__doc__ = described_topic(plan)

    def last(self) -> Sample | None:
        """Return the newest sample that has come; None if there is none."""
        sample = self._reader.get()
        return None if sample is None else readable(sample, self._plan.fields)

    async def next(self, *, timeout: float | None = None, flush: bool = False) -> Sample:
        """Return the oldest sample that was not read yet, waiting for one if need be.

        The first time, the last sample that there was of an event counts as not read. 100 are kept.

        Parameters
        ----------
        timeout
            The longest wait [simulated s].
        flush
            Forget those that have come already.

        Raises
        ------
        TimeoutError
            If none came in time.
        """
        async with self._turn:
            return readable(await self._reader.next(timeout=timeout, flush=flush), self._plan.fields)

    def __aiter__(self) -> AsyncIterator[Sample]:
        return _Samples(self._make_reader(self._name), self._plan.fields)

    def close(self) -> None:
        """Listen no more; telemetry is sampled for us no longer."""
        self._reader.close()

    def __repr__(self) -> str:
        return f"<{self._reader.who}.{self._name}>"


class _Samples:
    """One sample after the other; who reads them no more need not say so."""

    def __init__(self, reader: EventReader, fields: Mapping[str, Field]) -> None:
        self._reader, self._fields = reader, fields
        loop = asyncio.get_running_loop()
        weakref.finalize(self, _close_soon, loop, reader).atexit = False

    def __aiter__(self) -> AsyncIterator[Sample]:
        return self

    async def __anext__(self) -> Sample:
        return readable(await self._reader.next(), self._fields)


def _close_soon(loop: asyncio.AbstractEventLoop, reader: EventReader) -> None:
    """Close a reader in its own thread, whichever has found that nobody has it."""
    with suppress(RuntimeError):  # the loop is closed
        loop.call_soon_threadsafe(reader.close)


def readable(sample: Sample, fields: Mapping[str, Field]) -> Sample:
    """Return a sample with numbers where the wire has texts, such as ``NaN``."""
    data = {name: _value(fields.get(name), value) for name, value in sample.data.items()}
    return replace(sample, topic=sample.topic.partition("/")[0], data=data)


def _value(field: Field | None, value: Any) -> Any:
    if field is None or not field.is_real:
        return value
    return [number(item) for item in value] if isinstance(value, list) else number(value)


class _Telemetry(ClientTopic):
    """Telemetry, at its own cadence or a slower one."""

    def __call__(self, *, every: float) -> ClientTopic:
        """Return the same, sampled every so many simulated seconds.

        Parameters
        ----------
        every
            Time between samples [simulated s].

        Raises
        ------
        ValueError
            If it is not above 0.
        """
        if not 0.0 < every < math.inf:
            raise ValueError(f"every={every}: a time in seconds above 0 is expected")
        return ClientTopic(self._plan, self._make_reader, f"{self._plan.name}/{every:g}")


class ClientTopics:
    """The events, or the telemetry, of a component, by name.

    Parameters
    ----------
    who
        The component.
    plans
        What its data sheet says of each.
    make_reader
        Makes what reads one.
    telemetry
        Whether these are telemetry.
    """

    def __init__(self, who: str, plans: Iterable[Topic], make_reader: MakeReader, *, telemetry: bool) -> None:
        self._who = who
        self._plans = {plan.name: plan for plan in plans}
        self._make_reader = make_reader
        self._kind: tuple[str, type[ClientTopic]] = ("telemetry", _Telemetry) if telemetry else ("event", ClientTopic)
        self._topics: dict[str, ClientTopic] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        kind, make = self._kind
        if name not in self._plans:
            raise AttributeError(f"{self._who} has no {kind} {name}{meant(name, self._plans)}")
        if name not in self._topics:
            self._topics[name] = make(self._plans[name], self._make_reader, name)
        return self._topics[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._plans]
