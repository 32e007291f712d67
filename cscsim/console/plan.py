"""What a console shows: an observatory, perhaps with a procedure to follow, and what goes wrong in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from csc import ObservatorySheet
from cscsim.locate import AUXTEL, Site, is_path, known, open_home, open_site
from cscsim.sources import sources_of
from fsm import AuthorError, nearest
from procedures import Procedure, Scenario
from procedures.training import Training

__all__ = ["Plan", "find_plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be run.

    Attributes
    ----------
    procedure
        What the trainee follows; None if nothing is to be followed.
    lent
        What the observatory lends to its components besides.
    files
        What was read from files, as in the circumstances of a rehearsal.
    """

    site: Site
    training: Training | None = None
    procedure: Procedure | None = None
    scenario: Scenario | None = None
    seed: int = 0
    lent: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def sheet(self) -> ObservatorySheet:
        """The observatory as the procedure begins in it."""
        begins = self.procedure.begins if self.procedure is not None else None
        return begins.on(self.site.sheet) if begins is not None else self.site.sheet


def find_plan(what: str | None, *, scenario: str | None, training: str | None, seed: int = 0) -> Plan:
    """Find what is named.

    Parameters
    ----------
    what
        An observatory or a procedure, by name or file.

    Raises
    ------
    AuthorError
        If there is no such thing, with the nearest name, or things do not go together.
    """
    if training is not None:
        return _training_plan(what, scenario, training, seed)
    named = what if what is not None else AUXTEL if scenario is None else None
    if named is not None and _is_observatory(named) and named not in _rehearsals(named):
        site, found, procedure = open_site(named), None, None
        if scenario is not None:
            found = site.scenario(scenario)
            procedure = site.procedure(found.procedure)
        files = sources_of(observatory=named, scenario=scenario)
    elif named is not None:
        _raise_if_unknown(named)
        site = open_home(named)
        procedure = site.procedure(named)
        found = site.scenario(scenario) if scenario is not None else None
        files = sources_of(procedure=named, scenario=scenario)
    else:
        site = open_site()
        found = site.scenario(str(scenario))
        procedure = site.procedure(found.procedure)
        files = sources_of(scenario=scenario)
    return Plan(site=site, procedure=procedure, scenario=found, seed=seed, files=files)


def _training_plan(what: str | None, scenario: str | None, name: str, seed: int) -> Plan:
    if scenario is not None:
        raise AuthorError("--training brings its own scenario; leave --scenario out")
    site = open_site()
    training = site.training(name)
    if training.observatory != site.sheet.observatory:
        site = open_site(training.observatory)
        training = site.training(name)
    if what is not None and what not in (training.observatory, training.procedure):
        raise AuthorError(f"training {name} is about {training.procedure} in {training.observatory}, not {what}")
    return Plan(
        site=site,
        training=training,
        procedure=site.procedure(training.procedure),
        seed=seed,
        files=sources_of(training=name),
    )


def _rehearsals(observatory: str) -> list[str]:
    """Return the rehearsals that are at home in an observatory; one of its own name is what is meant by it."""
    return [] if is_path(observatory) else open_site(observatory).library.names("rehearsal")


def _is_observatory(name: str) -> bool:
    if not is_path(name):
        return name in known("observatories")
    from pathlib import Path

    from fsm import load_document

    path = Path(name)
    data = load_document(path, name=name).data if path.is_file() else None
    return isinstance(data, dict) and "components" in data


def _raise_if_unknown(name: str) -> None:
    """Name the nearest observatory or procedure, if it is neither."""
    if is_path(name):
        return
    library = open_site().library
    names = [*known("observatories"), *library.names()]
    short = {each.rpartition("/")[2].removesuffix(".py") for each in names}
    if name in names or name.removesuffix(".py") in {*short, *(each.removesuffix(".py") for each in names)}:
        return
    near = nearest(name, (*known("observatories"), *library.names("rehearsal")))
    raise AuthorError(f"there is no observatory or procedure {name}", suggestion=near)
