"""Scenarios and injections: what goes wrong in a rehearsal, and when.

A scenario is a file in ``sim_configs/scenarios``; an injection may also be written in one line,
``ATDome.encoder_slip:slip=2.5deg@ATWhiteLight.lamp is ON``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from csc import Observatory, ObservatoryVocabulary, parse_value
from csc.faults import fault_values
from csc.truth import when_true
from fsm import (
    AuthorError,
    AuthorErrors,
    Condition,
    Position,
    Value,
    format_quantity,
    load_document,
    nearest,
    parse_condition,
    parse_quantity,
    validate,
)
from procedures.placement import find_component, misplaced, placed_name, placement_of

__all__ = ["Injection", "Scenario", "load_scenario", "parse_injection"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """A fault that will happen.

    Attributes
    ----------
    values, units
        Its parameters in canonical units.
    at
        Simulated time [s]; None if it waits for `when`.
    when
        True condition on which it happens: the truth, not what is published.
    """

    component: str
    fault: str
    values: Mapping[str, Value] = field(default_factory=dict)
    units: Mapping[str, str | None] = field(default_factory=dict)
    at: float | None = 0.0
    when: Condition | None = None

    def arm(self, observatory: Observatory) -> Callable[[], None]:
        """Let it happen in its time; return what calls it off."""
        component = observatory.find(self.component)

        def inject() -> None:
            component.faults.inject(self.fault, **self.values)

        if self.when is not None:
            return when_true(observatory, self.when, inject)
        if not self.at:
            inject()
            return lambda: None
        return observatory.clock.call_at(self.at, inject).cancel

    def __str__(self) -> str:
        values = ",".join(f"{key}={_written(value, self.units.get(key))}" for key, value in self.values.items())
        when = f"@{self.when}" if self.when else f"@{self.at:g}s" if self.at else ""
        return f"{self.component}.{self.fault}{':' + values if values else ''}{when}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is different from a plain day.

    Attributes
    ----------
    parameters, machines, states
        By component: what replaces the observatory's.
    """

    name: str
    title: str
    summary: str = ""
    faults: tuple[Injection, ...] = ()
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    machines: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)


class _FaultSheet(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    fault: str
    parameters: Mapping[str, Any] = Field(default_factory=dict)
    at: str | None = None
    when: str | None = None


class _ScenarioSheet(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    scenario: str
    title: str
    summary: str = ""
    faults: tuple[_FaultSheet, ...] = ()
    parameters: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    machines: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    states: Mapping[str, str] = Field(default_factory=dict)


def parse_injection(text: str, truth: ObservatoryVocabulary) -> Injection:
    """Read ``COMPONENT.FAULT[:param=value,...][@WHEN]``; WHEN is a time or a condition.

    Raises
    ------
    AuthorError
        If a name or value in it is wrong; names the nearest.
    """
    head, _, when = text.partition("@")
    target, _, given = head.partition(":")
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
    return _injection(target, values, when.strip() or None, truth, None)


def _injection(
    target: str,
    given: Mapping[str, Any],
    when: str | None,
    truth: ObservatoryVocabulary,
    at: Position | None,
    when_at: Position | None = None,
) -> Injection:
    component, _, fault = target.rpartition(".")
    plan = find_component(component or target, truth, at)
    if fault not in plan.faults:
        raise AuthorError.at(at, f"{component} has no fault {fault}", suggestion=nearest(fault, plan.faults))
    values = {key: parse_value(value)[0] for key, value in given.items()}
    name = placed_name(component, truth)
    try:
        complete = fault_values(component, plan.faults[fault], values)
    except AuthorError as error:
        raise AuthorError.at(at, error.message, suggestion=error.suggestion) from error
    for key, value in given.items():
        unit = plan.faults[fault].parameters[key].unit
        if isinstance(complete[key], str) != isinstance(plan.faults[fault].parameters[key].default, str) or (
            parse_value(value)[1] not in (unit, None)
        ):
            raise AuthorError.at(at, f"fault {target}: {key}={value} must be in {unit or 'plain numbers'}")
    units = {key: parameter.unit for key, parameter in plan.faults[fault].parameters.items()}
    if when is None:
        return Injection(component=name, fault=fault, values=values, units=units)
    try:
        moment, unit = parse_quantity(when)
    except ValueError:
        condition = parse_condition(when, truth, at=when_at)
        return Injection(component=name, fault=fault, values=values, units=units, at=None, when=condition)
    if unit != "s":
        raise AuthorError.at(at, f"fault {target}: a time is wanted after @, such as 20 min, not {when}")
    return Injection(component=name, fault=fault, values=values, units=units, at=moment)


def _written(value: Value, unit: str | None) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return format_quantity(float(value), unit, exact=True)
    return str(value)


def load_scenario(path: Path, truth: ObservatoryVocabulary) -> Scenario:
    """Read a scenario and check every name in it.

    Raises
    ------
    AuthorErrors
        With every mistake of the file.
    """
    document = load_document(path, name=path.name)
    sheet = validate(document, _ScenarioSheet)
    errors: list[AuthorError] = []
    faults = []
    for number, item in enumerate(sheet.faults):
        place = document.position(("faults", number, "fault"))
        try:
            when_at = document.position(("faults", number, "when" if item.when else "at"))
            faults.append(_injection(item.fault, item.parameters, item.when or item.at, truth, place, when_at))
        except AuthorError as error:
            errors.append(error)
    for keys, wrong in misplaced(sheet, truth):
        errors.append(AuthorError.at(document.position(keys), wrong.message, suggestion=wrong.suggestion))
    if errors:
        raise AuthorErrors(errors)
    placement = placement_of(sheet, truth)
    return Scenario(
        name=sheet.scenario,
        title=sheet.title,
        summary=sheet.summary,
        faults=tuple(faults),
        parameters=placement.parameters,
        machines=placement.machines,
        states=placement.states,
    )
