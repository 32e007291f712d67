"""Scenarios: what is different from a plain day, what goes wrong and when, and what will come of it.

A scenario is a file in ``sim_configs/scenarios``; a single fault may also be written in one line, as
``ATDome.encoder_slip:slip=2.5deg@ATWhiteLight.lamp is ON``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from csc import ObservatoryVocabulary
from fsm import (
    AuthorError,
    AuthorErrors,
    Condition,
    Document,
    Position,
    load_document,
    nearest,
    parse_condition,
    parse_quantity,
    validate,
)
from procedures.expectations import Detection, Expectations
from procedures.library import Library
from procedures.load import read_procedure
from procedures.placement import misplaced, placement_of
from procedures.scenario_injection import Injection, InjectionSheet, parse_injection, read_injection
from procedures.scenario_trigger import unknown_step
from procedures.walk import walk_steps

__all__ = ["Injection", "Scenario", "load_scenario", "parse_injection"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is different from a plain day.

    Attributes
    ----------
    lesson
        What an observer learns from it.
    procedure
        The rehearsal that it is meant for.
    parameters, machines, states
        By component: what replaces the observatory's.
    expect
        What will come of it in that rehearsal; None if nothing is said.
    """

    name: str
    title: str
    summary: str = ""
    lesson: str = ""
    procedure: str = "weekly"
    faults: tuple[Injection, ...] = ()
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    machines: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    expect: Expectations | None = None


class _DetectedSheet(BaseModel):
    """How the procedure notices the first fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    by: str = ""
    within: str | None = None


class _ExpectSheet(BaseModel):
    """What will come of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    outcome: Literal["passed", "failed", "aborted"] | None = None
    detected: _DetectedSheet | bool | None = None
    ends: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


class _ScenarioSheet(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    scenario: str
    title: str
    summary: str = ""
    lesson: str = ""
    procedure: str = "weekly"
    faults: tuple[InjectionSheet, ...] = ()
    parameters: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    machines: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    states: Mapping[str, str] = Field(default_factory=dict)
    expect: _ExpectSheet | None = None


def load_scenario(path: Path, truth: ObservatoryVocabulary, library: Library | None = None) -> Scenario:
    """Read a scenario and check every name in it.

    Parameters
    ----------
    library
        Where its procedure is looked up; without one the names of procedure and steps are believed.

    Raises
    ------
    AuthorErrors
        With every mistake of the file.
    """
    document = load_document(path, name=path.name)
    sheet = validate(document, _ScenarioSheet)
    errors: list[AuthorError] = []
    faults: dict[int, Injection] = {}
    for number, item in enumerate(sheet.faults):
        try:
            faults[number] = read_injection(item, truth, _places(document, number))
        except AuthorError as error:
            errors.append(error)
    for keys, wrong in misplaced(sheet, truth):
        errors.append(AuthorError.at(document.position(keys), wrong.message, suggestion=wrong.suggestion))
    try:
        procedure = _procedure(sheet.procedure, path, document.position(("procedure",)), library)
    except AuthorError as error:
        errors.append(error)
        procedure, library = sheet.procedure, None
    errors += _unknown_steps(sheet, faults, document, library)
    expect = None
    if sheet.expect is not None:
        expect = _expectations(sheet, sheet.expect, document, truth, library, errors)
    if errors:
        raise AuthorErrors(errors)
    placement = placement_of(sheet, truth)
    return Scenario(
        name=sheet.scenario,
        title=sheet.title,
        summary=sheet.summary,
        lesson=sheet.lesson,
        procedure=procedure,
        faults=tuple(faults.values()),
        parameters=placement.parameters,
        machines=placement.machines,
        states=placement.states,
        expect=expect,
    )


def _places(document: Document, number: int) -> Callable[[str], Position]:
    def place(key: str) -> Position:
        return document.position(("faults", number, *key.split(".")))

    return place


def _procedure(name: str, scenario: Path, at: Position, library: Library | None) -> str:
    """Return the name of a procedure that is named as in the library, or by a file beside the scenario."""
    if name.endswith((".yaml", ".yml")):
        file = scenario.parent / name
        if not file.is_file():
            raise AuthorError.at(at, f"there is no file {name} beside the scenario")
        return read_procedure(file)[1].procedure
    names = library.names() if library is not None else [name]
    if name not in names:
        raise AuthorError.at(at, f"there is no procedure {name}", suggestion=nearest(name, names))
    return name


def _unknown_steps(
    sheet: _ScenarioSheet, faults: Mapping[int, Injection], document: Document, library: Library | None
) -> Iterator[AuthorError]:
    """Yield what is wrong with the steps for which faults wait; a procedure that is not in the library is believed."""
    waiting = {number: fault.on for number, fault in faults.items() if fault.on is not None and fault.on.step}
    if not waiting or library is None or sheet.procedure not in library.names():
        return
    try:
        procedure = library.find(sheet.procedure)
    except AuthorError:
        return  # it is at home in another observatory
    for number, occasion in waiting.items():
        wrong = unknown_step(occasion, procedure)
        if wrong is not None:
            at = document.position(("faults", number, "on", "step"))
            yield AuthorError.at(at, wrong.message, suggestion=wrong.suggestion)


# ---------------------------------------------------------------- expectations


def _expectations(
    scenario: _ScenarioSheet,
    sheet: _ExpectSheet,
    document: Document,
    truth: ObservatoryVocabulary,
    library: Library | None,
    errors: list[AuthorError],
) -> Expectations:
    detected: Detection | None = None
    if isinstance(sheet.detected, bool):
        detected = Detection(happens=sheet.detected)
    elif sheet.detected is not None:
        try:
            detected = _detection(scenario, sheet.detected, document, truth, library)
        except AuthorError as error:
            errors.append(error)
    found: dict[str, list[Condition]] = {"ends": [], "never": []}
    for key, conditions in found.items():
        for number, text in enumerate(getattr(sheet, key)):
            try:
                conditions.append(_condition(text, truth, document.position(("expect", key, number))))
            except AuthorError as error:
                errors.append(error)
    return Expectations(
        outcome=sheet.outcome or "", detected=detected, ends=tuple(found["ends"]), never=tuple(found["never"])
    )


def _condition(text: str, truth: ObservatoryVocabulary, at: Position) -> Condition:
    """Read a condition about machines, outputs and images: parameters are not in what is left of a run."""
    condition = parse_condition(text, truth, at=at)
    for name in condition.names:
        if name.function is None and len(name.parts) == 2:
            plan = truth.blueprints[truth.canonical(name.parts[0])]
            if name.parts[1] in plan.parameters and name.parts[1] not in (*plan.machines, *plan.outputs):
                raise AuthorError.at(at, f"{name} is a parameter; expectations are about machines, outputs and images")
    return condition


def _detection(
    scenario: _ScenarioSheet,
    sheet: _DetectedSheet,
    document: Document,
    truth: ObservatoryVocabulary,
    library: Library | None,
) -> Detection:
    within = None
    if sheet.within is not None:
        at = document.position(("expect", "detected", "within"))
        try:
            within, unit = parse_quantity(sheet.within)
        except ValueError:
            unit = None
        if unit != "s":
            raise AuthorError.at(at, f"a time is wanted, such as 300 s, not {sheet.within}")
    return Detection(by=_by(scenario, sheet.by, document, truth, library), within=within)


def _by(
    scenario: _ScenarioSheet, by: str, document: Document, truth: ObservatoryVocabulary, library: Library | None
) -> str:
    """Return a condition as the journal writes it, or the id of a step."""
    if not by:
        return ""
    try:
        return str(parse_condition(by, truth))
    except AuthorError as error:
        at, wrong = document.position(("expect", "detected", "by")), error
    if " " in by:
        raise AuthorError.at(at, wrong.message, suggestion=wrong.suggestion)
    if library is None:
        return by
    try:
        procedure = library.find(scenario.procedure)
    except AuthorError:
        return by  # it is at home in another observatory
    known = [step.id for step in walk_steps((*procedure.steps, *procedure.on_failure, *procedure.cleanup))]
    if by.partition("/")[0] not in known:
        near = nearest(by, known)
        raise AuthorError.at(at, f"{by} is neither a condition nor a step of {procedure.name}", suggestion=near)
    return by
