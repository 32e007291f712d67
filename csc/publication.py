"""What a component publishes: events when a field changes, samples when somebody listens.

An event is sent if a field changed (NaN equals NaN) or by force, as SAL's writers do
(lsst-ts/ts_salobj: python/lsst/ts/salobj/topics/write_topic.py).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from csc.blueprint import Field, Topic
from csc.carrier import Carrier
from csc.constant import constant_of
from fsm import Machine, Value

if TYPE_CHECKING:
    from csc.component import Component

__all__ = ["Publisher"]

Getter: TypeAlias = "Callable[[], Value]"

_INSTANT = 1e-6
"""Times nearer than this [s] are one: multiples of a cadence are rounded."""


class Publisher:
    """The events and telemetry of one component.

    Parameters
    ----------
    component
        Whose they are.
    """

    def __init__(self, component: Component) -> None:
        self._component = component
        plan = component.blueprint
        self._topics = plan.topics
        self._data: dict[str, dict[str, Any]] = {}
        self._stamps = {
            name: stamps
            for name, topic in plan.topics.items()
            if (stamps := tuple(field.name for field in topic.fields.values() if field.stamp))
        }
        self.dropped: set[str] = set()
        self.delayed: dict[str, float] = {}
        self._late: dict[str, deque[tuple[float, Mapping[str, Any] | None]]] = {}
        self.connected = not plan.is_csc
        self._getters: dict[str, list[tuple[str, Getter]]] = {}
        self._computed: set[str] = set()
        self._by_source: dict[str, set[str]] = {}
        self._dirty: set[str] = set()
        self._collect()

    def _collect(self) -> None:
        component, plan = self._component, self._component.blueprint
        arrays: dict[tuple[str, str], dict[int, Getter]] = {}
        for name, machine in component.machines.items():
            chart = machine.chart
            if chart.carrier:
                carrier = Carrier.of(chart.carrier)
                number = _in_state(machine, {state.name: state.value for state in chart.states})
                if carrier.element is None:
                    self._add(carrier.topic, carrier.field, number, source=name)
                else:
                    arrays.setdefault((carrier.topic, carrier.field), {})[carrier.element] = number
                    self._by_source.setdefault(name, set()).add(carrier.topic)
            for key in sorted({key for state in chart.states for key, _ in state.publishes}):
                topic, _, field = key.partition(".")
                values = {state.name: dict(state.publishes).get(key) for state in chart.states}
                self._add(topic, field, _in_state(machine, values), source=name)
        for (topic, field), elements in arrays.items():
            self._add(topic, field, _array(elements, self._topics[topic].fields[field].length), source="")
        for output in plan.outputs.values():
            for topic, field in output.topics:
                if (topic, field) in arrays:
                    continue  # the machines say it already
                getter = self._scaled(output.name, topic, field)
                self._add(topic, field, getter, source=output.name)
                if output.initial is None and not self._topics[topic].cadence:
                    self._computed.add(topic)
        for topic, item in plan.topics.items():
            for name, constant in item.fields.items():
                if item.simulated and (constant.value is not None or constant.parameter is not None):
                    self._add(topic, name, partial(self._constant, constant), source="")

    def _constant(self, field: Field) -> Value:
        return constant_of(field, self._component.parameters)

    def _scaled(self, output: str, topic: str, field: str) -> Getter:
        read = self._component.reader(output)
        plan = self._topics[topic].fields[field]
        if self._component.blueprint.outputs[output].type == "list":
            return lambda: _padded(read(), plan.length)
        if plan.scale == 1.0 and plan.type not in ("int", "long", "short", "byte", "long long", "unsigned int"):
            return read
        whole = not plan.is_real and plan.type not in ("boolean", "string")

        def scaled() -> Value:
            value = read()
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return round(value / plan.scale) if whole else value / plan.scale
            return int(value) if whole and isinstance(value, bool) else value

        return scaled

    def _add(self, topic: str, field: str, getter: Getter, *, source: str) -> None:
        self._getters.setdefault(topic, []).append((field, getter))
        self._by_source.setdefault(source, set()).add(topic)

    def touch(self, source: str) -> None:
        """Note that a machine or stored output has changed."""
        self._dirty.update(self._by_source.get(source, ()))

    def connect(self) -> None:
        """Publish all carried events for the first time: the CSC has reached its hardware."""
        if not self.connected:
            self.connected = True
        self._dirty.update(topic for topic in self._getters if not self._topics[topic].cadence)

    def tell(self, output: str) -> None:
        """Publish the events that carry an output anew: what is told of it has changed."""
        carriers = self._component.blueprint.outputs[output].topics
        self._dirty.update(topic for topic, _ in carriers if not self._topics[topic].cadence)

    def drop(self, topics: set[str]) -> None:
        """Send these topics no more; what changes of one meanwhile goes out once it is no longer among them."""
        self._dirty.update(self.dropped - topics)
        self.dropped = topics

    def refresh(self) -> None:
        """Publish the carried events whose fields have changed."""
        if not self.connected:
            self._dirty.clear()
            return
        topics = self._dirty | self._computed
        if not topics:
            return
        for topic in self._getters:
            if topic in topics and not self._topics[topic].cadence:
                self.write(topic, {field: read() for field, read in self._getters[topic]})
        self._dirty.clear()

    def write(self, topic: str, fields: Mapping[str, Any], *, force: bool = False) -> bool:
        """Publish an event with these fields if one of them changed, or by force; tell whether it went out."""
        if topic in self.dropped:
            return False
        if self._component.readings:
            fields = self._component.readings.in_message(topic, fields)
        data = self._data.get(topic)
        if data is None:
            plan = self._topics.get(topic)
            if plan is None or not plan.simulated:
                why = "has no event" if plan is None else "does not simulate the event"
                raise AttributeError(f"{self._component.name} {why} {topic}")
            data = self._data[topic] = _blank(plan)
            changed = data
            _update(topic, data, fields)
        else:
            before = data
            changed = {key: value for key, value in fields.items() if not _same(before.get(key), value)}
            if not changed and not force:
                return False
            data = dict(before)
            _update(topic, data, fields)
            self._data[topic] = data
        for stamp in self._stamps.get(topic, ()):
            data[stamp] = changed[stamp] = self._component.clock.tai
        self._send(topic, data, changed)
        return True

    def _send(self, topic: str, data: Mapping[str, Any], changed: Mapping[str, Any]) -> None:
        component = self._component
        delay = self.delayed.get(topic)
        if delay:
            component.start_timer(delay, lambda: component.bus.publish(component.name, topic, data, changed))
        else:
            component.bus.publish(component.name, topic, data, changed)

    def cadence(self, topic: str) -> float | None:
        """Return the time [s] between samples of a topic; None for a plain event, or what is not simulated."""
        plan = self._topics.get(topic)
        return None if plan is None or not plan.simulated else plan.cadence

    def sample(self, topic: str) -> Mapping[str, Any] | None:
        """Measure a sampled topic now; None while it is not published.

        A delayed one is measured now too, and comes with the first sample that is due after its delay.
        """
        measured = None if topic in self.dropped else self._measure(topic)
        delay = self.delayed.get(topic)
        if not delay:
            self._late.pop(topic, None)
            return measured
        now = self._component.clock.now
        queue = self._late.setdefault(topic, deque())
        queue.append((now, measured))
        arrived = None
        while queue and queue[0][0] + delay <= now + _INSTANT:
            arrived = queue.popleft()[1]
        return arrived

    def _measure(self, topic: str) -> Mapping[str, Any] | None:
        component = self._component
        if topic == "heartbeat":
            return {"heartbeat": True}
        if component.blueprint.is_csc and component.summary_state not in ("DISABLED", "ENABLED"):
            return None
        data = _blank(self._topics[topic])
        for field, read in self._getters.get(topic, ()):
            value = read()
            length = self._topics[topic].fields[field].length
            data[field] = value if length == 1 or isinstance(value, tuple) else (value,) * length
        for stamp in self._stamps.get(topic, ()):
            data[stamp] = component.clock.tai
        measure = getattr(component.behaviour, f"sample_{topic}", None)
        if measure is not None:
            measured = measure()
            if measured is None:
                return None
            data.update(measured)
        if component.readings:
            data.update(component.readings.in_message(topic, data))
        return data


def _in_state(machine: Machine, values: Mapping[str, Any]) -> Getter:
    """Return what reads the value that belongs to a machine's state."""
    return lambda: values[machine.state]


def _array(elements: Mapping[int, Getter], length: int) -> Getter:
    """Return what reads an array whose elements machines carry; others are 0."""
    return lambda: tuple(elements[number]() if number in elements else 0 for number in range(length))


def _blank(topic: Topic) -> dict[str, Any]:
    return {name: field.default for name, field in topic.fields.items()}


def _padded(value: Any, length: int) -> Value:
    """Fill a list up with zeros to the length of the array that carries it."""
    return (*value, *(0,) * (length - len(value)))


def _update(topic: str, data: dict[str, Any], fields: Mapping[str, Any]) -> None:
    for key, value in fields.items():
        if key not in data:
            raise AttributeError(f"{topic} has no field {key}")
        if value is not None:
            data[key] = value


def _same(before: Any, now: Any) -> bool:
    if before == now or now is None:
        return True
    if isinstance(before, tuple | list) and isinstance(now, tuple | list):
        return len(before) == len(now) and all(map(_same, before, now))
    return bool(before != before and now != now)
