"""Under which circumstances a test takes place: what its marks say, held against the observatory.

The marks of a module and a class count too; of values given twice those nearest to the test count, of faults all.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import pytest

from csc import ObservatorySheet
from cscsim.locate import AUXTEL, Homes, Site, known, open_site
from fsm import AuthorError, AuthorErrors, nearest
from procedures import Injection, Scenario, parse_injection
from procedures.placement import Placement, misplaced, placement_of

__all__ = ["Circumstances", "check_marks", "circumstances_of", "injection_of", "site_of", "told", "written_fault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the marks of a test say.

    Attributes
    ----------
    observatory
        Name or path; None is where the procedure is at home, or else the Auxiliary Telescope.
    parameter_set
        Name or path; None is that of the observatory.
    start
        Date and time in TAI at the beginning; None is that of the observatory.
    states, machines, parameters
        What is so at the beginning, by component.
    faults
        As `parse_injection` reads them.
    """

    observatory: str | None = None
    parameter_set: str | None = None
    start: str | None = None
    seed: int = 0
    states: Mapping[str, str] = field(default_factory=dict)
    machines: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    scenario: str | None = None
    faults: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether the beginning is the observatory's own."""
        return not (self.states or self.machines or self.parameters or self.start)

    def place(self, site: Site) -> ObservatorySheet:
        """Return the observatory as it is at the beginning.

        Raises
        ------
        AuthorErrors
            With every name that the observatory does not have.
        """
        written = Placement(states=self.states, machines=self.machines, parameters=self.parameters)
        errors = [error for _, error in misplaced(written, site.truth, start=self.start)]
        if errors:
            raise AuthorErrors(errors)
        return placement_of(written, site.truth, start=self.start).on(site.sheet)

    def injections(self, site: Site) -> tuple[Injection, ...]:
        """Return the faults.

        Raises
        ------
        AuthorError
            If there is none of that name, or not like that.
        """
        found = []
        for text in self.faults:
            try:
                found.append(injection_of(text, site))
            except AuthorError as error:
                raise AuthorError(f'fault "{text}": {error.message}', suggestion=error.suggestion) from error
        return tuple(found)

    def the_scenario(self, site: Site) -> Scenario | None:
        """Return the scenario, if there is one.

        Raises
        ------
        AuthorError
            If there is none of that name, or its file is wrong.
        """
        return None if self.scenario is None else site.scenario(self.scenario)


def circumstances_of(node: pytest.Item, current_fault: str | None = None) -> Circumstances:
    """Read the marks of a test; what is wrong with one fails it."""
    given: dict[str, Any] = {}
    for mark in reversed(list(node.iter_markers("observatory"))):
        given |= _read(mark, _observatory)
    for mark in reversed(list(node.iter_markers("scenario"))):
        given |= _read(mark, _scenario)
    faults = [_read(mark, written_fault) for mark in reversed(list(node.iter_markers("fault")))]
    return Circumstances(**given, faults=(*faults, *([current_fault] if current_fault else [])))


def _read(mark: pytest.Mark, reader: Callable[..., Any]) -> Any:
    try:
        inspect.signature(reader).bind(*mark.args, **mark.kwargs)
    except TypeError as error:
        unknown = [key for key in mark.kwargs if key not in inspect.signature(reader).parameters]
        near = nearest(unknown[0], inspect.signature(reader).parameters) if unknown else None
        hint = f"; did you mean {near}?" if near else ""
        raise pytest.fail.Exception(f"@pytest.mark.{mark.name}: {error}{hint}", pytrace=False) from None
    with told(f"@pytest.mark.{mark.name}"):
        return reader(*mark.args, **mark.kwargs)


def _observatory(
    name: str | None = None,
    *,
    states: Mapping[str, str] | None = None,
    machines: Mapping[str, Mapping[str, str]] | None = None,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    parameter_set: str | None = None,
    start: str | None = None,
    seed: int | None = None,
) -> dict[str, Any]:
    given = {
        "observatory": name,
        "states": states,
        "machines": machines,
        "parameters": parameters,
        "parameter_set": parameter_set,
        "start": start,
        "seed": seed,
    }
    return {key: value for key, value in given.items() if value is not None}


def _scenario(name: str) -> dict[str, Any]:
    return {"scenario": str(name)}


def written_fault(name: str, /, *, when: str | None = None, **parameters: Any) -> str:
    """Write a fault in one line, ``ATDome.encoder_slip:slip=2 deg@20 min``.

    Raises
    ------
    AuthorError
        If parameters or a time stand in the line already.
    """
    if (parameters and ":" in name.rpartition(".")[2].partition("@")[0]) or (when is not None and "@" in name):
        raise AuthorError(f"{name}: give parameters and when either in the name or as arguments, not twice")
    head, at, moment = name.partition("@")
    values = ",".join(f"{key}={value}" for key, value in parameters.items())
    occurs = f"@{when}" if when is not None else f"{at}{moment}"
    return f"{head}{':' + values if values else ''}{occurs}"


def injection_of(text: str, site: Site) -> Injection:
    """Read a fault that is written in one line.

    Raises
    ------
    AuthorError
        If there is none of that name, or not like that.
    """
    if "." not in text.partition("@")[0]:
        raise AuthorError(f"{text}: a fault is written COMPONENT.FAULT")
    try:
        return parse_injection(text, site.truth)
    except AuthorError as error:
        message = error.message.removeprefix(f"--fault {text}: ")
        raise AuthorError(message, suggestion=error.suggestion) from error


@contextmanager
def told(what: str) -> Iterator[None]:
    """Let what somebody has written wrongly fail the test, with its message and no traceback."""
    try:
        yield
    except AuthorError as error:
        text = "\n".join(f"{what}: {line}" for line in str(error).splitlines())
        raise pytest.fail.Exception(text, pytrace=False) from None


# ------------------------------------------------------------------- the places


def check_marks(circumstances: Circumstances) -> None:
    """Fail a test whose marks name what its observatory does not have; with none named, what no observatory has."""
    if circumstances.observatory is not None:
        _check_marks(circumstances)
        return
    wrong: list[BaseException] = []
    for name in _by_nearness():
        try:
            _check_marks(replace(circumstances, observatory=name))
        except pytest.fail.Exception as error:
            wrong.append(error)
        else:
            return
    raise wrong[0] from None


def _check_marks(circumstances: Circumstances) -> None:
    with told("@pytest.mark.observatory"):
        site = site_of(circumstances)
        circumstances.place(site)
    with told("@pytest.mark.scenario"):
        circumstances.the_scenario(site)
    for fault in circumstances.faults:
        with told(f'@pytest.mark.fault("{fault}")'):
            injection_of(fault, site)


def _by_nearness() -> list[str]:
    return [AUXTEL, *(name for name in known("observatories") if name != AUXTEL)]


def site_of(circumstances: Circumstances, procedure: str | None = None) -> Site:
    """Return the observatory that the marks name, or where a procedure is at home.

    Raises
    ------
    AuthorError
        If there is none, with the nearest name, or one of its files is wrong.
    """
    name, values = circumstances.observatory, circumstances.parameter_set
    if values is not None and values not in known("parameters"):
        return open_site(name or AUXTEL, values)
    if name is None:
        return _homes(values).of(procedure or "")
    return _named(name, values) if name in known("observatories") else open_site(name, values)


@cache
def _homes(parameter_set: str | None) -> Homes:
    return Homes(parameter_set)


@cache
def _named(observatory: str, parameter_set: str | None) -> Site:
    return open_site(observatory, parameter_set)
