"""Where things are found by name: observatories, parameter sets, scenarios, trainings, procedures, blocks.

A name is looked up among those that cscsim brings along. A path, which has a folder or an ending in it, is read as
it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from csc import (
    ObservatorySheet,
    ObservatoryVocabulary,
    ParameterSet,
    load_catalogue,
    load_observatory,
    load_parameter_set,
    vocabulary_of,
)
from fsm import AuthorError, nearest
from procedures import Blocks, Library, Procedure, Scenario, load_procedure, load_scenario, read_procedure
from procedures.training import Training, load_training

__all__ = ["Homes", "Site", "is_file", "is_path", "known", "open_home", "open_parameter_set", "open_site"]

_SINGULAR = {
    "observatories": "observatory",
    "parameters": "parameter set",
    "scenarios": "scenario",
    "training": "training scenario",
}
_ENDINGS = (".yaml", ".yml", ".json")

AUXTEL = "auxtel"
"""The observatory that is meant when none is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """An observatory with all that can be done there.

    Attributes
    ----------
    vocabulary
        The names that procedures may use.
    truth
        The names that faults may wait for: also those that nobody publishes.
    """

    sheet: ObservatorySheet
    vocabulary: ObservatoryVocabulary
    truth: ObservatoryVocabulary
    library: Library
    blocks: Blocks

    def procedure(self, name: str) -> Procedure:
        """Return a procedure, by name or path.

        Raises
        ------
        AuthorError
            If there is none, with the nearest name, or its file is wrong.
        """
        if is_file(name):
            return load_procedure(Path(name), self.vocabulary, name=name)
        return self.library.find(name)

    def is_home_of(self, name: str) -> bool:
        """Tell whether a procedure is meant for this observatory: it names it, or it names none and can be used here.

        Raises
        ------
        AuthorError
            If there is no such procedure, or its file is wrong.
        """
        sheet = read_procedure(Path(name))[1] if is_file(name) else self.library.sheet(name)
        if sheet.observatory is not None:
            return sheet.observatory == self.sheet.observatory
        return not self.library.missing(sheet)

    def scenario(self, name: str) -> Scenario:
        """Return a scenario, by name or path.

        Raises
        ------
        AuthorError
            If there is none, with the nearest name, or its file is wrong.
        """
        with _located("scenarios", name) as path:
            return load_scenario(path, self.truth, self.library)

    def training(self, name: str) -> Training:
        """Return a training scenario, by name or path.

        Raises
        ------
        AuthorError
            If there is none, with the nearest name, or its file is wrong.
        """
        with _located("training", name) as path:
            return load_training(path, self.truth, self.library, self.blocks, find_scenario=self.scenario)


def open_site(observatory: str = AUXTEL, parameter_set: str | None = None) -> Site:
    """Return an observatory, by name or path, with the library of procedures and blocks.

    Parameters
    ----------
    parameter_set
        Name or path of the values of its components' parameters; those that the observatory names if left out.

    Raises
    ------
    AuthorError
        If there is none, with the nearest name, or one of its files is wrong.
    """
    catalogue = load_catalogue()
    with _located("observatories", observatory) as path:
        sheet = load_observatory(path, catalogue)
    sheet = sheet.with_parameters(open_parameter_set(parameter_set or sheet.parameter_set))
    vocabulary = vocabulary_of(sheet, catalogue)
    library = Library(vocabulary)
    return Site(
        sheet=sheet,
        vocabulary=vocabulary,
        truth=vocabulary_of(sheet, catalogue, truth=True),
        library=library,
        blocks=Blocks(library),
    )


class Homes:
    """The observatories that come along, each opened when it is first asked for.

    Parameters
    ----------
    parameter_set
        As for `open_site`.
    """

    def __init__(self, parameter_set: str | None = None) -> None:
        self._parameter_set = parameter_set
        self._sites: dict[str, Site] = {}

    def names(self, kind: str) -> list[str]:
        """Return the names of all procedures of a kind, wherever they are at home."""
        return self._site(AUXTEL).library.names(kind)

    def of(self, procedure: str) -> Site:
        """Return where a procedure, by name or path, is at home; what has no home is with the Auxiliary Telescope."""
        for name in (AUXTEL, *(other for other in known("observatories") if other != AUXTEL)):
            try:
                if self._site(name).is_home_of(procedure):
                    return self._site(name)
            except AuthorError:
                break  # it is no procedure, or who uses it will be told what is wrong with it
        return self._site(AUXTEL)

    def _site(self, name: str) -> Site:
        if name not in self._sites:
            self._sites[name] = open_site(name, self._parameter_set)
        return self._sites[name]


def open_home(procedure: str, observatory: str | None = None, parameter_set: str | None = None) -> Site:
    """Return the observatory that is named, or else the one where a procedure is at home.

    Raises
    ------
    AuthorError
        If the observatory cannot be found, or one of its files is wrong.
    """
    return Homes(parameter_set).of(procedure) if observatory is None else open_site(observatory, parameter_set)


def open_parameter_set(name: str) -> ParameterSet:
    """Return a parameter set, by name or path.

    Raises
    ------
    AuthorError
        If there is none, with the nearest name, or its file is wrong.
    """
    with _located("parameters", name) as path:
        return load_parameter_set(path)


def known(kind: str) -> list[str]:
    """Return the names of what cscsim brings along; `kind` is observatories, parameters, scenarios or training."""
    folder = files("sim_configs") / kind
    if not folder.is_dir():
        return []
    return sorted(item.name.removesuffix(".yaml") for item in folder.iterdir() if item.name.endswith(".yaml"))


@contextmanager
def _located(kind: str, name: str) -> Iterator[Path]:
    if is_path(name):
        yield Path(name)
        return
    names = known(kind)
    if name not in names:
        raise AuthorError(f"there is no {_SINGULAR[kind]} {name}", suggestion=nearest(name, names))
    with as_file(files("sim_configs") / kind / f"{name}.yaml") as path:
        yield path


def is_file(name: str) -> bool:
    """Tell whether a name of a procedure is a path; the library's names have folders, too."""
    return is_path(name) and (Path(name).is_file() or name.endswith(_ENDINGS))


def is_path(name: str) -> bool:
    """Tell whether a name is that of a file, not of something that cscsim brings along."""
    return "/" in name or "\\" in name or name.endswith(_ENDINGS)
