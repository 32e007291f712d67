"""All data sheets: found, read, resolved against each other, and joined with their behaviours.

A sheet is a YAML file with the key `component` in one of the component folders; the Python module beside
it with the same name, if there is one, holds a class named after the component: its behaviour.
"""

from __future__ import annotations

import gc
import importlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from csc.blueprint import Blueprint
from csc.datasheet import DataSheet
from csc.likeness import whole_sheet
from csc.outline import outline
from csc.resolve import complete
from fsm import AuthorError, AuthorErrors, Document, load_document, nearest, validate

if TYPE_CHECKING:
    from csc.behaviour import Behaviour

__all__ = ["Catalogue", "load_catalogue"]

_HERE = Path(__file__).parent


class Catalogue(Mapping[str, Blueprint]):
    """Blueprints by component name.

    Parameters
    ----------
    blueprints
        Resolved blueprints.
    """

    def __init__(self, blueprints: Mapping[str, Blueprint]) -> None:
        self._blueprints = dict(blueprints)

    def __getitem__(self, component: str) -> Blueprint:
        return self._blueprints[component]

    def __iter__(self) -> Iterator[str]:
        return iter(self._blueprints)

    def __len__(self) -> int:
        return len(self._blueprints)

    def find(self, component: str) -> Blueprint:
        """Return the blueprint of a component, by its name or an alias.

        Raises
        ------
        AuthorError
            If there is none; names the nearest.
        """
        for name, blueprint in self._blueprints.items():
            if component == name or component in blueprint.aliases:
                return blueprint
        known = [*self._blueprints, *(alias for plan in self._blueprints.values() for alias in plan.aliases)]
        raise AuthorError(f"there is no component {component}", suggestion=nearest(component, known))


def behaviour_of(blueprint: Blueprint) -> type[Behaviour] | None:
    """Return the behaviour class of a component; None if its data sheet says it all."""
    module_name = f"csc.{blueprint.folder}.{Path(blueprint.file).stem}"
    folder = _HERE / blueprint.folder
    if not (folder / f"{Path(blueprint.file).stem}.py").exists():
        return None
    module = importlib.import_module(module_name)
    behaviour: type[Behaviour] | None = getattr(module, blueprint.component, None)
    return behaviour


@cache
def load_catalogue() -> Catalogue:
    """Read every data sheet of this package.

    Raises
    ------
    AuthorErrors
        With the mistakes of all sheets.
    """
    with _no_garbage():
        return read_sheets(sorted(path for path in _HERE.glob("*/*.yaml")))


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Have nobody look for garbage while something is built that stays: a quarter of the time would go there."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def read_sheets(paths: Iterable[Path]) -> Catalogue:
    """Read and resolve data sheets that may name each other; files of other kinds are passed over."""
    documents: dict[str, Document] = {}
    files: dict[str, Path] = {}
    read: dict[str, tuple[DataSheet, Document]] = {}
    outlines: dict[str, Blueprint] = {}
    errors: list[AuthorError] = []
    for path in paths:
        try:
            document = load_document(path, name=path.name)
            if not isinstance(document.data, dict) or "component" not in document.data:
                continue
            component = str(document.data["component"])
            if component in documents:
                there = f"{component} is described in {documents[component].name} already"
                raise AuthorError.at(document.position(("component",)), there)
            documents[component], files[component] = document, path
        except AuthorError as error:
            errors.append(error)
    for component, path in files.items():
        try:
            document = whole_sheet(component, documents)
            sheet = validate(document, DataSheet)
            outlines[component] = outline(sheet, document, folder=path.parent.name, file=path.name)
            read[component] = (sheet, document)
        except AuthorError as error:
            errors.append(error)
    spoilt = files.keys() - read.keys()
    blueprints = {}
    for component, (sheet, document) in read.items():
        if spoilt.intersection((*sheet.remotes, *(sense.from_.partition(".")[0] for sense in sheet.senses.values()))):
            continue  # what it says of a sheet that could not be read would only seem wrong
        try:
            blueprints[component] = complete(outlines[component], sheet, document, outlines)
        except AuthorError as error:
            errors.append(error)
    if errors:
        raise AuthorErrors(_once(errors))
    return Catalogue(blueprints)


def _once(errors: Iterable[AuthorError]) -> list[AuthorError]:
    """Drop mistakes that are told already: those of a sheet that another one is like are found in both."""
    told: dict[str, AuthorError] = {}
    for error in errors:
        for each in error.errors if isinstance(error, AuthorErrors) else (error,):
            told.setdefault(str(each), each)
    return list(told.values())
