"""Listens to an observatory on a broker, and hands on what somebody wants to see."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from queue import Empty, SimpleQueue
from typing import Any
from uuid import uuid4

import click

from csc.bus.mqtt import Address, TopicTree
from csc.bus.mqtt.demand import RENEW_EVERY, demand
from csc.bus.mqtt.link import Link, Message
from csc.bus.mqtt.others import ANSWER_WITHIN, absent, question
from csc.bus.mqtt.payload import Malformed, Private, decode
from csc.bus.mqtt.presence import says_alive
from csc.bus.mqtt.topics import Place
from cscsim.watched import Chosen

__all__ = ["Heard", "watch"]

_SETTLING = 5.0  # longest wait for what the broker has kept [s]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A message.

    Attributes
    ----------
    fields
        Its own fields, in SAL's units.
    kept
        Whether it was published before we listened.
    """

    place: Place
    fields: dict[str, Any]
    private: Private
    kept: bool


def watch(
    address: Address,
    observatory: str,
    chosen: Chosen,
    see: Callable[[Heard], object],
    *,
    lasting: float | None = None,
    count: int | None = None,
) -> None:
    """Hand on what is chosen, first what the broker has kept, component by component, then what comes.

    Parameters
    ----------
    lasting
        End after so long [s].
    count
        End after so many messages.

    Raises
    ------
    OperatorError
        If the broker cannot be reached.
    """
    began, shown = time.monotonic(), 0
    with _Ear(address, TopicTree(observatory), chosen) as ear:
        kept = ear.kept()
        if not ear.somebody_answers:
            click.echo(absent(observatory, address, remembered=bool(ear.remembered)), err=True)
        deadline = None if lasting is None else began + lasting
        for heard in chain(kept, ear.listen(deadline)):
            see(heard)
            shown += 1
            if shown == count:
                return


class _Ear:
    """A client that listens."""

    def __init__(self, address: Address, tree: TopicTree, chosen: Chosen) -> None:
        self._tree, self._chosen = tree, chosen
        self._name = f"cscsim-watch-{os.getpid()}-{uuid4().hex[:8]}"
        self._fence = tree.of(self._name, "demand", "fence")
        self._arrived: SimpleQueue[Message | None] = SimpleQueue()
        self._last: dict[str, bytes] = {}
        self._link = Link(address, self._name, self._arrived.put, ended=lambda: self._arrived.put(None))
        self._renewed = 0.0
        self._early: list[Heard] = []
        self.remembered: set[str] = set()
        """Components of which the broker has said that they are there."""
        self.somebody_answers = False

    def __enter__(self) -> _Ear:
        self._link.open()
        for topic in (self._fence, self._tree.of("+", "alive"), *self._chosen.filters(self._tree)):
            self._link.subscribe(topic)
        return self

    def __exit__(self, *error: object) -> None:
        self._link.close()

    def kept(self) -> list[Heard]:
        """Return what the broker has kept, in the order of the components."""
        self._link.publish(Message(self._fence, b"{}"))
        deadline = time.monotonic() + _SETTLING
        found: list[Heard] = []
        while (message := self._next(deadline)) is not None and message.topic != self._fence:
            found += self._read(message)
        self._call()
        self._demand()
        order = {who: number for number, who in enumerate(self._chosen.plans)}
        return sorted(found, key=lambda heard: (order.get(heard.place.who, len(order)), heard.place))

    def _call(self) -> None:
        """Ask those whom the broker remembers, until one has answered."""
        if not self.somebody_answers:
            for who in sorted(self.remembered):
                self._link.publish(question(self._tree, who))
        deadline = time.monotonic() + ANSWER_WITHIN
        while self.remembered and not self.somebody_answers and (message := self._next(deadline)) is not None:
            self._early += self._read(message)

    def listen(self, deadline: float | None) -> Iterator[Heard]:
        """Yield what comes until then [s, monotonic]."""
        yield from self._early
        while deadline is None or time.monotonic() < deadline:
            renewal = self._renewed + RENEW_EVERY
            message = self._next(renewal if deadline is None else min(renewal, deadline))
            if time.monotonic() >= renewal:
                self._demand()
            if message is not None:
                yield from self._read(message)

    def _next(self, until: float) -> Message | None:
        with contextlib.suppress(Empty):
            message = self._arrived.get(timeout=max(until - time.monotonic(), 0.0))
            if message is None and self._link.failure is not None:
                raise self._link.failure
            return message
        return None

    def _demand(self) -> None:
        self._renewed = time.monotonic()
        for topic, _ in self._chosen.demands(self._tree):
            self._link.publish(demand(topic))

    def _read(self, message: Message) -> Iterator[Heard]:
        if message.topic.startswith(f"{self._tree.replies}/"):
            place: Place | None = Place("", "ack")
        else:
            place = self._tree.place(message.topic)
        if place is None or self._last.get(message.topic) == message.payload:
            return  # said again after a lost connection
        if place.kind == "alive":
            if says_alive(message.payload):
                self.remembered.add(place.who)
                self.somebody_answers |= not message.retain
            else:
                self.remembered.discard(place.who)
            return
        if place.kind in ("event", "telemetry"):
            self._last[message.topic] = message.payload
        try:
            fields, private = decode(message.payload)
        except Malformed:
            return
        if place.kind == "ack":
            place = Place(private.identity, "ack", str(fields.get("command", "")))
        if self._chosen.has(place):
            yield Heard(place=place, fields=fields, private=private, kept=message.retain)
