"""Sensors that lie: what a component tells of an output is not what is so.

`Readings` stands between the outputs of a component and whoever is told of them: its own events and telemetry, and
those who sense what it reports. The truth inside stays: machines, invariants and light go by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from csc.blueprint import Blueprint, Field, Parameter
from csc.disturbances.model import Disturbance
from fsm import Value

if TYPE_CHECKING:
    from csc.component import Component

__all__ = ["SENSORS", "Readings"]

Spoil: TypeAlias = Callable[[Any], Any]
"""Makes what is told, in the canonical unit, out of what is so."""


class Readings:
    """What is told of the outputs of one component; it is true while any of it is not what is so.

    Parameters
    ----------
    blueprint
        Which outputs there are, and the fields that carry them.
    """

    def __init__(self, blueprint: Blueprint) -> None:
        self._blueprint = blueprint
        self._spoils: dict[str, list[Spoil]] = {}
        self._carried: dict[tuple[str, str], str] = {}

    def __bool__(self) -> bool:
        return bool(self._spoils)

    def spoil(self, output: str, how: Spoil) -> Callable[[], None]:
        """Change what is told of an output from now on; return what ends it."""
        self._spoils.setdefault(output, []).append(how)
        self._collect()

        def end() -> None:
            self._spoils[output].remove(how)
            if not self._spoils[output]:
                del self._spoils[output]
            self._collect()

        return end

    def _collect(self) -> None:
        outputs = self._blueprint.outputs
        self._carried = {carrier: name for name in self._spoils for carrier in outputs[name].topics}

    def of(self, output: str, value: Any) -> Any:
        """Return what is told of an output that has this value, in the canonical unit."""
        for how in self._spoils.get(output, ()):
            value = how(value)
        return value

    def in_message(self, topic: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the fields of a message as they are told, in their own units."""
        told = dict(fields)
        for key in fields:
            output = self._carried.get((topic, key))
            if output is not None:
                field, how = self._blueprint.topics[topic].fields[key], partial(self.of, output)
                is_list = self._blueprint.outputs[output].type == "list"
                told[key] = _list_told(how, fields[key], field) if is_list else _told(how, fields[key], field)
        return told


def _list_told(how: Spoil, value: Any, field: Field) -> Any:
    said = how(tuple(_canonical(item, field) for item in value))
    return tuple(_in_field(item, told, field) for item, told in zip(value, said, strict=False))


def _told(how: Spoil, value: Any, field: Field) -> Any:
    """Return what a field tells of one quantity; an array holds it several times."""
    if isinstance(value, tuple | list):
        return tuple(_told(how, item, field) for item in value)
    return _in_field(value, how(_canonical(value, field)), field)


def _canonical(value: Any, field: Field) -> Any:
    return value * field.scale if isinstance(value, int | float) and not isinstance(value, bool) else value


def _in_field(value: Any, told: Any, field: Field) -> Any:
    """Return what is told in the field's own unit and type; `value` is what would stand there otherwise."""
    if isinstance(value, bool) or not isinstance(told, int | float):
        return told
    if field.is_real:
        return told / field.scale
    return value if told != told else round(told / field.scale)


def _frozen(component: Component, values: Mapping[str, Value]) -> Spoil:
    seen: list[Any] = []

    def how(value: Any) -> Any:
        if not seen:
            seen.append(value)
        return seen[0]

    how(component.readings.of(_output(values), component.output(_output(values))))
    return how


def _biased(component: Component, values: Mapping[str, Value]) -> Spoil:
    by = _number(values["by"])
    return _each(lambda value: value + by)


def _noisy(component: Component, values: Mapping[str, Value]) -> Spoil:
    dice = component.streams.stream(component.name, "sensor_noisy", _output(values))
    sigma = _number(values["sigma"])
    return _each(lambda value: value + sigma * float(dice.standard_normal()))


def _nan(component: Component, values: Mapping[str, Value]) -> Spoil:
    return _each(lambda value: float("nan"))


def _each(how: Spoil) -> Spoil:
    """Do to each item of a list what is done to a number."""
    return lambda value: tuple(map(how, value)) if isinstance(value, tuple | list) else how(value)


def _begin(
    make: Callable[[Component, Mapping[str, Value]], Spoil],
    component: Component,
    values: Mapping[str, Value],
    over: Callable[[], None],
) -> Callable[[], None]:
    output = _output(values)
    restore = component.readings.spoil(output, make(component, values))
    component.publisher.tell(output)
    lasting = values.get("lasting")
    timer = component.clock.call_later(lasting, over) if isinstance(lasting, int | float) else None

    def end() -> None:
        if timer is not None:
            timer.cancel()
        restore()
        if not component.closed:
            component.publisher.tell(output)
            component.changed()

    return end


def _output(values: Mapping[str, Value]) -> str:
    return str(values["output"])


def _number(value: Value) -> float:
    if not isinstance(value, int | float):
        raise TypeError(f"a number is expected, got {value!r}")
    return float(value)


_WHICH = Parameter(name="output", default="", meaning="the output, one that is published")
_BY = Parameter(name="by", default=1.0, meaning="how far off it is, in the output's unit")
_LASTING = Parameter(name="lasting", default=1.0, unit="s", range=(0.001, 86400.0), meaning="for how long")

SENSORS = (
    Disturbance(
        name="sensor_frozen",
        meaning="What is told of an output stays what it is now.",
        parameters=(_WHICH,),
        seen="the value does not move any more, though what it stands for may",
        begin=partial(_begin, _frozen),
    ),
    Disturbance(
        name="sensor_biased",
        meaning="What is told of an output is always off by as much.",
        parameters=(_WHICH, _BY),
        seen="nothing, unless something else shows what is so",
        needs_number=True,
        of_output=("by",),
        begin=partial(_begin, _biased),
    ),
    Disturbance(
        name="sensor_noisy",
        meaning="What is told of an output is off by another normally distributed amount each time.",
        parameters=(
            _WHICH,
            Parameter(name="sigma", default=1.0, range=(0.0, 1e12), meaning="standard deviation, in the output's unit"),
        ),
        seen="the value trembles",
        needs_number=True,
        of_output=("sigma",),
        begin=partial(_begin, _noisy),
    ),
    Disturbance(
        name="sensor_spike",
        meaning="What is told of an output is off for a moment.",
        parameters=(_WHICH, _BY, _LASTING),
        seen="one value or a few stand out, and then all is well",
        cure="it passes by itself",
        needs_number=True,
        of_output=("by",),
        begin=partial(_begin, _biased),
    ),
    Disturbance(
        name="sensor_nan",
        meaning="What is told of an output is not a number.",
        parameters=(_WHICH,),
        seen="NaN in the message; conditions about it are false or unknown",
        needs_number=True,
        needs_real=True,
        begin=partial(_begin, _nan),
    ),
)
