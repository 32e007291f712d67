"""Reads training scenarios: every name in them is known to exist before anybody is trained.

What goes wrong is written as in a scenario, or is a scenario of the library; there is no second way to say it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

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
from procedures.blocks import Blocks
from procedures.library import Library
from procedures.model import Procedure
from procedures.placement import Placement, find_component, misplaced, placed_name, placement_of
from procedures.scenario import Injection, Scenario
from procedures.scenario_injection import InjectionSheet, read_injection
from procedures.scenario_trigger import unknown_step
from procedures.training.act_pattern import ActPattern, Known, parse_act_pattern
from procedures.training.model import Cause, Goal, Training

__all__ = ["load_training"]

_Read = TypeVar("_Read")
_ID = r"^[a-z][a-z0-9_]*$"


class _Sheet(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _GoalSheet(_Sheet):
    id: str = Field(pattern=_ID)
    title: str
    that: str
    holds: Literal["once", "at_end", "never"] = "once"


class _CauseSheet(_Sheet):
    id: str = Field(pattern=_ID)
    title: str
    fault: str | None = None
    component: str | None = None
    shows: str | None = None
    safe: str | None = None
    noticed_by: tuple[str, ...] = ()
    cures: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    distraction: bool = False


class _ParSheet(_Sheet):
    time: str
    because: str


class _TrainingSheet(_Sheet):
    training: str
    number: int = Field(ge=1)
    title: str
    learn: str
    briefing: str
    observatory: str = "auxtel"
    procedure: str | None = None
    scenario: str | None = None
    faults: tuple[InjectionSheet, ...] = ()
    parameters: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    machines: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    states: Mapping[str, str] = Field(default_factory=dict)
    goals: tuple[_GoalSheet, ...] = Field(min_length=1)
    causes: tuple[_CauseSheet, ...] = ()
    hints: tuple[str, ...] = ()
    par: _ParSheet


def load_training(
    path: Path,
    truth: ObservatoryVocabulary,
    library: Library,
    blocks: Blocks,
    *,
    find_scenario: Callable[[str], Scenario],
) -> Training:
    """Read a training scenario and check everything in it.

    Parameters
    ----------
    truth
        Names of its observatory, also those that nobody publishes.
    library, blocks
        What there is to follow and to queue.
    find_scenario
        Finds a scenario by its name, or raises `AuthorError`.

    Raises
    ------
    AuthorErrors
        With every mistake of the file.
    """
    document = load_document(path, name=path.name)
    sheet = validate(document, _TrainingSheet)
    return _Reading(document, truth, library, blocks).training(sheet, find_scenario)


@dataclass(slots=True)
class _Reading:
    """One file while it is read."""

    document: Document
    truth: ObservatoryVocabulary
    library: Library
    blocks: Blocks
    errors: list[AuthorError] = field(default_factory=list)

    def training(self, sheet: _TrainingSheet, find_scenario: Callable[[str], Scenario]) -> Training:
        base = self._try(lambda: find_scenario(sheet.scenario or ""), "scenario") if sheet.scenario else None
        scenario = self._scenario(sheet, base)
        procedure = self._try(lambda: self.library.find(scenario.procedure), "procedure" if sheet.procedure else "")
        if procedure is not None:
            self._check_steps(procedure, scenario.faults[len(base.faults) if base else 0 :])
        self._check_ids(sheet)
        goals = tuple(
            Goal(id=each.id, title=each.title, that=that, holds=each.holds)
            for number, each in enumerate(sheet.goals)
            if (that := self._condition(each.that, "goals", number, "that")) is not None
        )
        causes = tuple(
            found
            for number, each in enumerate(sheet.causes)
            if procedure is not None and (found := self._cause(each, number, scenario, procedure)) is not None
        )
        par = self._try(lambda: _time(sheet.par.time, self.document.position(("par", "time"))), "par", "time")
        if self.errors:
            raise AuthorErrors(self.errors)
        return Training(
            name=sheet.training,
            number=sheet.number,
            title=sheet.title,
            learn=sheet.learn,
            briefing=sheet.briefing,
            observatory=sheet.observatory,
            scenario=scenario,
            goals=goals,
            causes=causes,
            hints=tuple(" ".join(hint.split()) for hint in sheet.hints),
            par=par or 0.0,
            par_because=sheet.par.because,
        )

    # ------------------------------------------------------ what goes wrong

    def _scenario(self, sheet: _TrainingSheet, base: Scenario | None) -> Scenario:
        """Return what goes wrong: a scenario of the library if one is named, and what the file says besides."""
        faults: list[Injection] = list(base.faults) if base else []
        for number, item in enumerate(sheet.faults):
            found = self._try(partial(read_injection, item, self.truth, self._places(number)))
            faults += [found] if found is not None else []
        wrong = [
            AuthorError.at(self.document.position(keys), error.message, suggestion=error.suggestion)
            for keys, error in misplaced(sheet, self.truth)
        ]
        self.errors += wrong
        placement = Placement() if wrong else placement_of(sheet, self.truth)
        mine = Scenario(
            name=base.name if base else sheet.training,
            title=sheet.title,
            lesson=sheet.learn,
            procedure=sheet.procedure or (base.procedure if base else "weekly"),
            faults=tuple(faults),
            parameters=placement.parameters,
            machines=placement.machines,
            states=placement.states,
        )
        if base is None:
            return mine
        return replace(
            mine,
            parameters={**base.parameters, **placement.parameters},
            machines={**base.machines, **placement.machines},
            states={**base.states, **placement.states},
        )

    def _places(self, number: int) -> Callable[[str], Position]:
        return lambda key: self.document.position(("faults", number, *key.split(".")))

    def _check_steps(self, procedure: Procedure, own: Sequence[Injection]) -> None:
        for number, fault in enumerate(own):
            wrong = unknown_step(fault.on, procedure) if fault.on is not None else None
            if wrong is not None:
                at = self.document.position(("faults", number, "on", "step"))
                self.errors.append(AuthorError.at(at, wrong.message, suggestion=wrong.suggestion))

    # ------------------------------------------------- goals, causes, hints

    def _check_ids(self, sheet: _TrainingSheet) -> None:
        for key in ("goals", "causes"):
            seen: set[str] = set()
            for number, each in enumerate(getattr(sheet, key)):
                if each.id in seen:
                    at = self.document.position((key, number, "id"))
                    self.errors.append(AuthorError.at(at, f"there is a {key.removesuffix('s')} {each.id} already"))
                seen.add(each.id)

    def _cause(self, sheet: _CauseSheet, number: int, scenario: Scenario, procedure: Procedure) -> Cause | None:
        at = ("causes", number)
        place = self._try(lambda: self._place(sheet, at, scenario), *at)
        shows = self._condition(sheet.shows, *at, "shows") if sheet.shows is not None else None
        safe = self._condition(sheet.safe, *at, "safe") if sheet.safe is not None else None
        known = Known(truth=self.truth, library=self.library, blocks=self.blocks, procedure=procedure)
        noticed_by, cures, wrong = (
            tuple(self._acts(texts, known, *at, key))
            for key, texts in (("noticed_by", sheet.noticed_by), ("cures", sheet.cures), ("wrong", sheet.wrong))
        )
        if place is None:
            return None
        component, fault = place
        if not fault and safe is None:
            words = f"cause {sheet.id} has no fault that could be over: say with `safe` when it is"
            self.errors.append(AuthorError.at(self.document.position(at), words))
        return Cause(
            id=sheet.id,
            title=sheet.title,
            component=component,
            fault=fault,
            shows=shows,
            safe=safe,
            is_distraction=sheet.distraction,
            noticed_by=noticed_by,
            cures=cures,
            wrong=wrong,
        )

    def _place(self, sheet: _CauseSheet, at: tuple[str | int, ...], scenario: Scenario) -> tuple[str, str]:
        """Return the component and the fault of a cause."""
        if (sheet.fault is None) == (sheet.component is None):
            raise AuthorError.at(self.document.position(at), f"cause {sheet.id}: say one of `fault` and `component`")
        if sheet.component is not None:
            find_component(sheet.component, self.truth, self.document.position((*at, "component")))
            return placed_name(sheet.component, self.truth), ""
        hidden = {f"{fault.component}.{fault.fault}": (fault.component, fault.fault) for fault in scenario.faults}
        name, _, fault = str(sheet.fault).rpartition(".")
        found = hidden.get(f"{placed_name(name, self.truth)}.{fault}")
        if found is None:
            words = f"{sheet.fault} is not among the faults of this training"
            near = nearest(str(sheet.fault), hidden)
            raise AuthorError.at(self.document.position((*at, "fault")), words, suggestion=near)
        return found

    def _acts(self, texts: Sequence[str], known: Known, *at: str | int) -> Iterator[ActPattern]:
        for number, text in enumerate(texts):
            place = self.document.position((*at, number))
            found = self._try(partial(parse_act_pattern, text, known, place))
            if found is not None:
                yield found

    def _condition(self, text: str, *at: str | int) -> Condition | None:
        return self._try(lambda: parse_condition(text, self.truth, at=self.document.position(at)))

    def _try(self, read: Callable[[], _Read], *at: str | int) -> _Read | None:
        """Return what is read; None if it is wrong, which is kept with its place."""
        try:
            return read()
        except AuthorError as error:
            if error.file is None and not isinstance(error, AuthorErrors):
                error = AuthorError.at(self.document.position(at), error.message, suggestion=error.suggestion)
            self.errors.append(error)
            return None


def _time(text: str, at: Position) -> float:
    try:
        value, unit = parse_quantity(text)
    except ValueError:
        value, unit = 0.0, None
    if unit != "s" or value <= 0:
        raise AuthorError.at(at, f"a time is wanted, such as 40 min, not {text}")
    return value
