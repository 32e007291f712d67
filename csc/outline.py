"""The outline of a blueprint: everything of a data sheet but its conditions.

It is what other sheets need to know of a component before their conditions can be read; `csc.resolve` adds
the rest. Units and values are read here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from csc.blueprint import Blueprint, Output, Parameter, Sense, Topic
from csc.constant import read_topic_field
from csc.datasheet import (
    DataSheet,
    FaultParameterSheet,
    MachineSheet,
    OutputSheet,
    ParameterSheet,
    SenseSheet,
    TopicSheet,
)
from csc.generic import generic_topics, summary_chart
from csc.values import check_value, parse_value, read_range, read_value, unit_scale
from fsm import AuthorError, AuthorErrors, Document, State, Statechart, Value, nearest, parse_quantity

__all__ = ["outline", "read_parameter"]

Path = tuple[str | int, ...]
Sheet = TypeVar("Sheet")
Plan = TypeVar("Plan")


def outline(sheet: DataSheet, document: Document, *, folder: str, file: str) -> Blueprint:
    """Build a blueprint without its conditions.

    Raises
    ------
    AuthorErrors
        With every unit and value of the sheet that is wrong.
    """
    reader = _Reader(document)
    parameters = reader.each(("parameters",), sheet.parameters, read_parameter)
    reader.parameters = parameters
    topics = generic_topics(sheet.generics)
    for section, items in (("events", sheet.events), ("telemetry", sheet.telemetry)):
        topics |= {name: reader.topic((section, name), name, item) for name, item in items.items()}
    plan = Blueprint(
        component=sheet.component,
        like=sheet.like,
        title=sheet.title,
        summary=sheet.summary,
        folder=folder,
        file=file,
        indices=sheet.index,
        aliases=sheet.aliases,
        generics=sheet.generics,
        sources=sheet.sources,
        remotes=sheet.remotes,
        senses=reader.each(("senses",), sheet.senses, _sense),
        parameters=parameters,
        configurations=reader.configurations(sheet, parameters),
        summary_chart=summary_chart() if "csc" in sheet.generics else None,
        machines={name: _machine(name, item) for name, item in sheet.machines.items()},
        commands={},
        topics=topics,
        outputs=reader.each(("outputs",), sheet.outputs, _output),
        errors={name: (item.code, item.text) for name, item in sheet.errors.items()},
        faults={},
    )
    if reader.errors:
        raise AuthorErrors(reader.errors)
    return plan


class _Reader:
    """Reads the items of a sheet and collects what is wrong with them, each with its place."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.parameters: Mapping[str, Parameter] = {}
        self.errors: list[AuthorError] = []

    def each(self, path: Path, sheets: Mapping[str, Sheet], read: Callable[[str, Sheet], Plan]) -> dict[str, Plan]:
        """Read every item of a section."""
        plans = {}
        for name, sheet in sheets.items():
            try:
                plans[name] = read(name, sheet)
            except AuthorError as error:
                self._wrong((*path, name), error)
        return plans

    def topic(self, path: Path, name: str, sheet: TopicSheet) -> Topic:
        """Read an event or telemetry topic."""
        telemetry = path[0] == "telemetry"
        cadence = 1.0 if telemetry else None
        if sheet.cadence is not None:
            try:
                cadence, unit = parse_quantity(sheet.cadence)
                if unit != "s" or cadence <= 0:
                    raise ValueError(f"a cadence is a time above 0 s, not {sheet.cadence}")
            except ValueError as error:
                self._wrong((*path, "cadence"), AuthorError(str(error)))
        return Topic(
            name=name,
            fields=self.each((*path, "fields"), sheet.fields, partial(read_topic_field, parameters=self.parameters)),
            cadence=cadence,
            early=sheet.early,
            telemetry=telemetry,
            simulated=sheet.simulated,
            meaning=sheet.meaning,
        )

    def configurations(self, sheet: DataSheet, parameters: Mapping[str, Parameter]) -> dict[str, Mapping[str, Value]]:
        """Read the overrides that `start` accepts."""
        overrides: dict[str, Mapping[str, Value]] = {}
        for name, item in sheet.configurations.items():
            values: dict[str, Value] = {}
            for key, raw in item.parameters.items():
                path = ("configurations", name, "parameters", key)
                try:
                    if key in parameters:
                        values[key] = read_value(parameters[key], raw)
                    elif key not in sheet.parameters:
                        raise AuthorError(
                            f"{sheet.component} has no parameter {key}", suggestion=nearest(key, sheet.parameters)
                        )
                except AuthorError as error:
                    self._wrong(path, error)
            overrides[name] = values
        return overrides

    def _wrong(self, path: Path, error: AuthorError) -> None:
        position = self._document.position(path)
        self.errors.append(AuthorError.at(position, error.message, suggestion=error.suggestion))


def read_parameter(name: str, sheet: ParameterSheet | FaultParameterSheet) -> Parameter:
    """Read a parameter of a component or of a fault.

    Raises
    ------
    AuthorError
        If its range is no range in its unit, or its default does not suit it.
    """
    choices = sheet.choices if isinstance(sheet, ParameterSheet) else None
    value, unit = (sheet.default, None) if choices else parse_value(sheet.default)
    plan = Parameter(
        name=name,
        default=value,
        unit=unit,
        range=read_range(sheet.range, unit),
        choices=choices,
        meaning=sheet.meaning,
        source=sheet.source if isinstance(sheet, ParameterSheet) else None,
    )
    check_value(plan, value)
    return plan


def _output(name: str, sheet: OutputSheet) -> Output:
    initial, unit = (sheet.initial, None) if sheet.type == "text" else parse_value(sheet.initial)
    canonical, _ = unit_scale(sheet.unit)
    if unit is not None and canonical not in (None, unit):
        raise AuthorError(f"{name} is in {canonical}, but begins at {sheet.initial}")
    return Output(
        name=name,
        type=sheet.type,
        unit=canonical or unit,
        meaning=sheet.meaning,
        topics=tuple((topic.partition(".")[0], topic.partition(".")[2]) for topic in sheet.topic),
        initial=initial,
        wraps=sheet.wraps,
        range=read_range(sheet.range, canonical or unit),
        set_by_behaviour=sheet.set_by == "behaviour",
    )


def _sense(name: str, sheet: SenseSheet) -> Sense:
    component, _, output = sheet.from_.partition(".")
    default, unit = parse_value(sheet.default)
    canonical, _ = unit_scale(sheet.unit)
    if unit is not None and canonical not in (None, unit):
        raise AuthorError(f"{name} is in {canonical}, but without {component} it is {sheet.default}")
    return Sense(
        name=name,
        component=component,
        output=output,
        default=default,
        unit=canonical or unit,
        reported=sheet.reported,
    )


def _machine(name: str, sheet: MachineSheet) -> Statechart:
    return Statechart(
        name=name,
        meaning=sheet.meaning,
        initial=sheet.initial,
        states=tuple(
            State(name=key, meaning=item.meaning, value=item.value, publishes=tuple(item.publishes.items()))
            for key, item in sheet.states.items()
        ),
        carrier=sheet.carrier,
    )
