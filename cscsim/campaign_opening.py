"""How a case of a campaign becomes a rehearsal: found by name as the command line finds it, once in each process."""

from __future__ import annotations

from functools import cache

from cscsim.locate import Homes, Site, open_site
from cscsim.settings import read_settings
from cscsim.sources import sources_of
from procedures import Procedure, Rehearsal, parse_injection
from procedures.campaign import Case

__all__ = ["open_case", "procedure_of", "site_of"]


def site_of(procedure: str, observatory: str | None, parameter_set: str | None) -> Site:
    """Return the observatory that is named, or else the one where a procedure is at home.

    Raises
    ------
    AuthorError
        If it cannot be found, or one of its files is wrong.
    """
    return _site_of(procedure, observatory, parameter_set, _marks(procedure, observatory, parameter_set))


def procedure_of(procedure: str, observatory: str | None, parameter_set: str | None) -> Procedure:
    """Return a procedure where it is rehearsed.

    Raises
    ------
    AuthorError
        If there is none, or its file is wrong.
    """
    return _procedure_of(procedure, observatory, parameter_set, _marks(procedure, observatory, parameter_set))


_Marks = tuple[str, ...]
"""What is in the files that are named: a worker that stays for long reads one again that has changed."""


def _marks(procedure: str, observatory: str | None, parameter_set: str | None) -> _Marks:
    named = sources_of(procedure=procedure, observatory=observatory, parameter_set=parameter_set)
    return tuple(source["sha256"] for source in named.values())


@cache
def _homes(parameter_set: str | None, marks: _Marks) -> Homes:
    return Homes(parameter_set)


@cache
def _site_of(procedure: str, observatory: str | None, parameter_set: str | None, marks: _Marks) -> Site:
    if observatory is not None:
        return open_site(observatory, parameter_set)
    return _homes(parameter_set, marks if parameter_set is not None else ()).of(procedure)


@cache
def _procedure_of(procedure: str, observatory: str | None, parameter_set: str | None, marks: _Marks) -> Procedure:
    return _site_of(procedure, observatory, parameter_set, marks).procedure(procedure)


def open_case(case: Case) -> Rehearsal:
    """Return the rehearsal that `cscsim rehearse` would do.

    Raises
    ------
    AuthorError
        If a file is wrong, or a name.
    """
    names = (case.procedure, case.observatory, case.parameter_set)
    site, procedure = site_of(*names), procedure_of(*names)
    return Rehearsal(
        procedure=procedure,
        library=site.library,
        blocks=site.blocks,
        observatory=site.sheet,
        seed=case.seed,
        config=read_settings(procedure, case.settings),
        scenario=site.scenario(case.scenario) if case.scenario is not None else None,
        faults=tuple(parse_injection(text, site.truth) for text in case.faults),
        files=sources_of(
            procedure=case.procedure,
            observatory=case.observatory,
            parameter_set=case.parameter_set,
            scenario=case.scenario,
        ),
    )
