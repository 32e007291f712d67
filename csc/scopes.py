"""Where conditions find their values: inside a component, and on the bus.

`LocalScope` reads a component's own machines, outputs, parameters and senses as they truly are, and other
components as they publish themselves. `PublishedScope` reads everything as it was last published: the view
of procedures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from csc.blueprint import Blueprint
from csc.carrier import Carrier
from csc.summary_state import SummaryState
from fsm import Name, Timeline, Value

if TYPE_CHECKING:
    from csc.bus.contract import Bus
    from csc.component import Component

__all__ = ["LocalScope", "PublishedReader", "Sensor"]

Reader: TypeAlias = "Callable[[], Value | None]"


class Sensor:
    """Physics that reaches a component: another one's true output, or a default when that is not there.

    Parameters
    ----------
    default
        The value while nothing is connected.
    """

    def __init__(self, default: Value) -> None:
        self._default = default
        self._source: Component | None = None
        self._output = ""
        self._reported = False

    def connect(self, source: Component, output: str, *, reported: bool = False) -> None:
        """Say whose output it is, and whether it is what that one's sensor says instead of what is so."""
        self._source = source
        self._output = output
        self._reported = reported

    def value(self) -> Value:
        """Return the value of now; a sensor that says NaN is not believed."""
        if self._source is None:
            return self._default
        value = self._source.output(self._output)
        if self._reported and self._source.readings:
            told: Value = self._source.readings.of(self._output, value)
            return value if told != told else told
        return value

    def timeline(self) -> Timeline:
        """Return the history."""
        if self._source is not None and self._output in self._source.timelines:
            return self._source.timelines[self._output]
        value = self.value()
        if not isinstance(value, (int, float)):
            raise TypeError(f"{self._output} has no history: it is {value!r}")
        return Timeline(float(value))


class PublishedReader:
    """Reads what one component has published, by the names of its data sheet.

    Parameters
    ----------
    bus
        Where it publishes.
    name
        Its name on the bus.
    blueprint
        What its topics mean.
    """

    def __init__(self, bus: Bus, name: str, blueprint: Blueprint) -> None:
        self._bus = bus
        self.name = name
        self.blueprint = blueprint

    def topics(self, what: str | None) -> tuple[str, ...]:
        """Return the topics that carry a machine's state or an output; None asks for the summary state."""
        if what is None or what == "summary":
            return ("summaryState",)
        chart = self.blueprint.machines.get(what)
        if chart is not None:
            keys = [chart.carrier] if chart.carrier else [key for state in chart.states for key, _ in state.publishes]
            return tuple(sorted({key.partition(".")[0] for key in keys}))
        return (self.blueprint.outputs[what].topics[0][0],)

    def reader(self, what: str | None) -> Reader:
        """Return what reads a machine's state, an output, or with None the summary state."""
        if what is None or what == "summary":
            return self._summary
        chart = self.blueprint.machines.get(what)
        if chart is None:
            return self._output_reader(what)
        if chart.carrier:
            carrier = Carrier.of(chart.carrier)
            names = {state.value: state.name for state in reversed(chart.states)}
            return lambda: names.get(self._carried(carrier))
        patterns = [
            (state.name, [(*key.partition(".")[::2], value) for key, value in state.publishes])
            for state in chart.states
        ]

        def matching() -> Value | None:
            for state, pattern in patterns:
                if all(self._field(topic, field) == value for topic, field, value in pattern):
                    return state
            return None

        return matching

    def field_reader(self, event: str, field: str) -> Reader:
        """Return what reads a field of the last event of a topic, by name where its numbers have names."""
        plan = self.blueprint.topics[event].fields[field]
        names = {number: name for name, number in (plan.enum or {}).items()} if plan.length == 1 else {}

        def read() -> Value | None:
            value = self._field(event, field)
            if names:
                return names.get(value)
            if plan.scale != 1.0 and isinstance(value, (int, float)) and not isinstance(value, bool):
                return value * plan.scale
            return tuple(value) if isinstance(value, list) else value

        return read

    def _output_reader(self, what: str) -> Reader:
        output = self.blueprint.outputs[what]
        topic, field = output.topics[0]
        scale = self.blueprint.topics[topic].fields[field].scale

        def read() -> Value | None:
            value = self._field(topic, field)
            if isinstance(value, (tuple, list)):
                if output.type == "list":
                    return _filled(value)
                value = value[-1]
            if scale != 1.0 and isinstance(value, (int, float)) and not isinstance(value, bool):
                return value * scale
            return value  # type: ignore[no-any-return]  # a field of a checked message

        return read

    def _field(self, topic: str, field: str) -> Any:
        sample = self._bus.last(self.name, topic)
        return None if sample is None else sample.data[field]

    def _carried(self, carrier: Carrier) -> Any:
        value = self._field(carrier.topic, carrier.field)
        return value if carrier.element is None or value is None else value[carrier.element]

    def _summary(self) -> Value | None:
        number = self._field("summaryState", "summaryState")
        return None if number is None else SummaryState(number).name


def _filled(array: Sequence[Any]) -> tuple[Any, ...]:
    """Return what of an array of fixed length is filled: zeros follow the last item of a list."""
    end = len(array)
    while end and not array[end - 1]:
        end -= 1
    return tuple(array[:end])


class LocalScope:
    """The names of a component's own conditions.

    Parameters
    ----------
    component
        Whose conditions they are.
    """

    def __init__(self, component: Component) -> None:
        self._component = component
        self._readers: dict[Name, Reader] = {}
        self._remotes: Mapping[str, Blueprint] = {}

    def know(self, remotes: Mapping[str, Blueprint]) -> None:
        """Say what the components are whose published values may be named."""
        self._remotes = remotes

    def read(self, name: Name) -> Value | None:
        """Return the value of a name now; None if it is unknown."""
        reader = self._readers.get(name)
        if reader is None:
            reader = self._readers[name] = self._find(name)
        return reader()

    def _find(self, name: Name) -> Reader:
        component = self._component
        match name.parts:
            case ("argument", field):
                return lambda: getattr(component.reception.argument, field, None)
            case ("summary",):
                return lambda: component.summary_state
            case (what,) if what in component.machines:
                machine = component.machines[what]
                return lambda: machine.state
            case (what,) if what in component.blueprint.outputs:
                return component.reader(what)
            case (what,) if what in component.parameters:
                return lambda: component.parameters[what]
            case (what,) if what in component.senses:
                return component.senses[what].value
            case (remote, *rest) if remote in self._remotes:
                published = PublishedReader(component.bus, remote, self._remotes[remote])
                return published.reader(rest[0] if rest else None)
        raise KeyError(f"{component.name} knows no {name}")
