"""Injections: a fault or a disturbance, when it happens, and for how long.

One table serves files and the one-line form,
``COMPONENT.FAULT[:parameter=value,...][@WHEN][ for TIME| until WHEN][ with probability P]``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from csc import Observatory, ObservatoryVocabulary, parse_value
from csc.disturbances import fault_of
from csc.faults import ActiveFault, fault_values
from csc.truth import when_true
from fsm import AuthorError, AuthorErrors, Condition, Position, Value, format_quantity, parse_condition, parse_quantity
from procedures.placement import find_component, placed_name
from procedures.scenario_trigger import Occasion, OccasionSheet, parse_occasion, read_occasion

__all__ = ["Injection", "InjectionSheet", "parse_injection", "read_injection"]

_ENDING = re.compile(
    r"(?P<head>.*?)(?: (?P<word>for|until) (?P<end>.+?))?(?: with probability (?P<probability>\S+))?", re.DOTALL
)
Place = Callable[[str], Position | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """A fault that will happen.

    Attributes
    ----------
    values, units
        Its parameters in canonical units.
    at
        Simulated time [s]; None if it waits for `when` or `on`.
    when
        True condition on which it happens: the truth, not what is published.
    on
        The nth command or transition on which it happens.
    probability
        With which it happens at all, then.
    lasting
        Time [s] after which it is cleared.
    until
        Simulated time [s], or true condition, at which it is cleared.
    """

    component: str
    fault: str
    values: Mapping[str, Value] = field(default_factory=dict)
    units: Mapping[str, str | None] = field(default_factory=dict)
    at: float | None = 0.0
    when: Condition | None = None
    on: Occasion | None = None
    probability: float = 1.0
    lasting: float | None = None
    until: float | Condition | None = None

    def arm(self, observatory: Observatory) -> Callable[[], None]:
        """Let it happen in its time; return what calls it off."""
        observatory.find(self.component)
        ends: list[Callable[[], None]] = []

        def inject() -> None:
            component = observatory.components.get(self.component)
            if component is None or not self._befalls(observatory):
                return
            fault = component.faults.inject(self.fault, **self.values)
            end = self._arm_end(observatory, lambda: self._clear(observatory, fault))
            if end is not None:
                ends.append(end)

        if self.when is not None:
            ends.append(when_true(observatory, self.when, inject))
        elif self.on is not None:
            ends.append(self.on.arm(observatory, inject))
        elif self.at:
            ends.append(observatory.clock.call_at(self.at, inject).cancel)
        else:
            inject()

        def call_off() -> None:
            for end in ends:
                end()

        return call_off

    def _befalls(self, observatory: Observatory) -> bool:
        if self.probability >= 1.0:
            return True
        return bool(observatory.streams.stream("injection", str(self)).random() < self.probability)

    def _arm_end(self, observatory: Observatory, clear: Callable[[], None]) -> Callable[[], None] | None:
        if self.lasting is not None:
            return observatory.clock.call_later(self.lasting, clear).cancel
        if isinstance(self.until, Condition):
            return when_true(observatory, self.until, clear)
        if self.until is not None:
            return observatory.clock.call_at(max(self.until, observatory.clock.now), clear).cancel
        return None

    def _clear(self, observatory: Observatory, fault: ActiveFault) -> None:
        """Clear the fault, or what has become of it in a component that was started anew."""
        component = observatory.components.get(self.component)
        if component is None:
            return
        for each in component.faults.active:
            if each is fault or (each.plan.name, each.values) == (fault.plan.name, fault.values):
                component.faults.clear(each)
                return

    def __str__(self) -> str:
        values = ",".join(f"{key}={_written(value, self.units.get(key))}" for key, value in self.values.items())
        when = f"@{self.when or self.on}" if self.when or self.on else f"@{_written(self.at, None)}s" if self.at else ""
        text = f"{self.component}.{self.fault}{':' + values if values else ''}{when}"
        if self.lasting is not None:
            text += f" for {_written(self.lasting, 's')}"
        elif self.until is not None:
            until = str(self.until) if isinstance(self.until, Condition) else _written(self.until, "s")
            text += f" until {until}"
        return text if self.probability >= 1.0 else f"{text} with probability {self.probability:g}"


class InjectionSheet(BaseModel):
    """A fault, when it happens, and for how long."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    fault: str
    parameters: Mapping[str, Any] = Field(default_factory=dict)
    at: str | None = None
    when: str | None = None
    on: OccasionSheet | None = None
    probability: float = 1.0
    for_: str | None = Field(default=None, alias="for")
    until: str | None = None


def parse_injection(text: str, truth: ObservatoryVocabulary) -> Injection:
    """Read an injection in one line; what follows ``@`` is a time, a condition, or an occasion.

    Raises
    ------
    AuthorError
        If a name or value in it is wrong; names the nearest.
    """
    matched = _ENDING.fullmatch(text.strip())
    head = matched["head"] if matched is not None else text
    head, _, when = head.partition("@")
    target, _, given = head.strip().partition(":")
    if target and ":" in head and given.split(".", 1)[0].isdigit():
        index, _, rest = given.partition(".")
        fault, _, given = rest.partition(":")
        target = f"{target}:{index}.{fault}"
    values = {}
    for item in filter(None, given.split(",")):
        key, equals, value = item.partition("=")
        if not equals:
            raise AuthorError(f"--fault {text}: a parameter is written name=value, not {item}")
        values[key.strip()] = value.strip()
    keys: dict[str, Any] = {"fault": target, "parameters": values, **_moment(when.strip())}
    if matched is not None and matched["word"] is not None:
        keys[matched["word"]] = matched["end"].strip()
    if matched is not None and matched["probability"] is not None:
        try:
            keys["probability"] = float(matched["probability"])
        except ValueError:
            raise AuthorError(f"--fault {text}: probability {matched['probability']} is no number") from None
    try:
        return read_injection(InjectionSheet(**keys), truth, lambda _: None)
    except AuthorErrors as errors:
        raise errors.errors[0] from errors


def _moment(when: str) -> dict[str, Any]:
    """Return what stands after ``@`` under the key that it has in a file."""
    if not when:
        return {}
    occasion = parse_occasion(when)
    if occasion is not None:
        return {"on": occasion}
    return {"at": when} if _is_quantity(when) else {"when": when}


def _is_quantity(text: str) -> bool:
    try:
        parse_quantity(text)
    except ValueError:
        return False
    return True


def read_injection(sheet: InjectionSheet, truth: ObservatoryVocabulary, place: Place) -> Injection:
    """Read an injection and check every name and value in it.

    Parameters
    ----------
    place
        Returns where a key is written, such as ``when`` or ``parameters.slip``.

    Raises
    ------
    AuthorErrors
        With every mistake; names the nearest.
    """
    errors: list[AuthorError] = []
    found: dict[str, Any] = {}
    for read in (_what, _when, _how_likely, _how_long):
        try:
            found |= read(sheet, truth, place)
        except AuthorError as error:
            errors.append(error)
    if errors:
        raise AuthorErrors(errors)
    return Injection(**found)


def _what(sheet: InjectionSheet, truth: ObservatoryVocabulary, place: Place) -> dict[str, Any]:
    target, given = sheet.fault, sheet.parameters
    component, _, fault = target.rpartition(".")
    blueprint = find_component(component or target, truth, place("fault"))
    values = {key: parse_value(value)[0] for key, value in given.items()}
    try:
        plan = fault_of(blueprint, fault, values, component=component)
        complete = fault_values(component, plan, values)
    except AuthorError as error:
        key = next((key for key in given if f" {key}" in error.message or error.message.startswith(f"{key}=")), None)
        at = place(f"parameters.{key}") if key is not None else place("fault")
        raise AuthorError.at(at, error.message, suggestion=error.suggestion) from error
    for key, value in given.items():
        unit, default = plan.parameters[key].unit, plan.parameters[key].default
        if isinstance(complete[key], str) != isinstance(default, str) or parse_value(value)[1] not in (unit, None):
            wanted = f"must be in {unit or 'plain numbers'}"
            raise AuthorError.at(place(f"parameters.{key}"), f"fault {target}: {key}={value} {wanted}")
    units = {key: parameter.unit for key, parameter in plan.parameters.items()}
    return {"component": placed_name(component, truth), "fault": fault, "values": values, "units": units}


def _when(sheet: InjectionSheet, truth: ObservatoryVocabulary, place: Place) -> dict[str, Any]:
    given = [key for key in ("at", "when", "on") if getattr(sheet, key) is not None]
    if len(given) > 1:
        raise AuthorError.at(place(given[1]), f"fault {sheet.fault}: it happens {' or '.join(given)}; say one of them")
    if sheet.at is not None:
        return {"at": _time(sheet.at, f"fault {sheet.fault}: a time is wanted after @", place("at"))}
    if sheet.when is not None:
        if _is_quantity(sheet.when):
            raise AuthorError.at(place("when"), f"fault {sheet.fault}: {sheet.when} is a time; write it as `at`")
        return {"at": None, "when": parse_condition(sheet.when, truth, at=place("when"))}
    if sheet.on is not None:
        return {"at": None, "on": read_occasion(sheet.on, truth, lambda key: place(f"on.{key}"))}
    return {}


def _how_likely(sheet: InjectionSheet, truth: ObservatoryVocabulary, place: Place) -> dict[str, Any]:
    if not 0.0 <= sheet.probability <= 1.0:
        at, text = place("probability"), f"probability {sheet.probability:g} is not between 0 and 1"
        raise AuthorError.at(at, f"fault {sheet.fault}: {text}")
    return {"probability": sheet.probability}


def _how_long(sheet: InjectionSheet, truth: ObservatoryVocabulary, place: Place) -> dict[str, Any]:
    if sheet.for_ is not None and sheet.until is not None:
        raise AuthorError.at(place("until"), f"fault {sheet.fault}: it ends `for` or `until`; say one of them")
    if sheet.for_ is not None:
        return {"lasting": _time(sheet.for_, f"fault {sheet.fault}: a time is wanted after for", place("for"))}
    if sheet.until is None:
        return {}
    if _is_quantity(sheet.until):
        return {"until": _time(sheet.until, f"fault {sheet.fault}: a time is wanted after until", place("until"))}
    return {"until": parse_condition(sheet.until, truth, at=place("until"))}


def _time(text: str, wanted: str, at: Position | None) -> float:
    try:
        value, unit = parse_quantity(text)
    except ValueError:
        unit = None
    if unit != "s":
        raise AuthorError.at(at, f"{wanted}, such as 20 min, not {text}")
    return value


def _written(value: Value, unit: str | None) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return format_quantity(float(value), unit, exact=True)
    return str(value)
