"""What can be seen on the bus now: the last sample of every event, and telemetry measured for whoever looks.

A listener who has telemetry sampled makes timers, and a run at full speed would never come to rest. So the console
measures when somebody looks, in real time, past the same disturbances as any message, and changes nothing by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from csc import Observatory, ObservatoryVocabulary, Sample
from csc.bus.interference import Envelope
from csc.scopes import PublishedReader
from csc.values import read_value
from fsm import Name, Value

__all__ = ["SILENT", "Seen"]

SILENT = 5.0
"""Simulated time [s] without a heartbeat after which a component is not heard any more."""


class Seen:
    """The bus as somebody sees it who looks now. It stands in for the bus, and the observatory, of those who read.

    Parameters
    ----------
    observatory
        Where.
    """

    def __init__(self, observatory: Observatory) -> None:
        self._observatory = observatory
        self._measured: dict[tuple[str, str], Sample] = {}
        self._looked: dict[tuple[str, str], float] = {}
        self._vocabulary = observatory.vocabulary()
        self._readers: dict[str, PublishedReader] = {}
        self.groups = observatory.groups
        self.clock = observatory.clock

    @property
    def bus(self) -> Any:
        """What is read of a bus here is its last samples."""
        return self

    def vocabulary(self) -> ObservatoryVocabulary:
        """Return the names that may be used."""
        return self._vocabulary

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look: no random number is used up by it."""
        with self._observatory.streams.kept():
            yield

    def last(self, who: str, topic: str) -> Sample | None:
        """Return the newest sample of a topic, measured now if it is sampled; only while `looking`."""
        told = self._observatory.bus.last(who, topic)
        component = self._observatory.components.get(who)
        if component is not None and topic not in component.publisher.delayed and component.cadence(topic) is not None:
            self._measure(who, topic, component.sample)
        mine = self._measured.get((who, topic))
        if mine is None or (told is not None and told.t > mine.t):
            return told
        return mine

    def _measure(self, who: str, topic: str, sample: Any) -> None:
        now = self.clock.now
        if self._looked.get((who, topic)) == now:
            return
        self._looked[who, topic] = now
        data: Mapping[str, Any] | None = sample(topic)
        if data is None:
            return

        def arrive() -> None:
            self._measured[who, topic] = Sample(topic, data, now, 0)

        interference = self._observatory.bus.interference
        if interference:
            interference.carry(Envelope("telemetry", who, topic, 0), arrive)
        else:
            arrive()

    def parameters(self, component: str) -> Mapping[str, Value]:
        """Return the values of a component's parameters as the observatory has them; of faults in them nobody knows."""
        plans = self._vocabulary.blueprints[component].parameters
        placed = self._observatory.sheet.components[component].parameters
        given = {key: read_value(plans[key], raw) for key, raw in placed.items()}
        return {name: given.get(name, plan.default) for name, plan in plans.items()}

    def ask(self, component: str, name: Name) -> Value | None:
        """Return what only the component itself knows; None if it is not there, or does not know either."""
        there = self._observatory.components.get(component)
        if there is None:
            return None
        try:
            return there.scope.read(name)
        except KeyError:
            return None

    def reader(self, component: str) -> PublishedReader:
        """Return what reads a component by the names of its data sheet."""
        if component not in self._readers:
            blueprint = self._vocabulary.blueprints[component]
            self._readers[component] = PublishedReader(self.bus, component, blueprint)
        return self._readers[component]
