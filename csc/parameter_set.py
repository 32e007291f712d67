"""Parameter sets: values that replace the data sheets' own in a whole observatory at once.

The data sheets hold the summit's values where they are known. A set (``sim_configs/parameters/*.yaml``) names
others, component by component; what an observatory or a scenario gives a component of its own stands above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from csc.blueprint import Blueprint
from csc.catalogue import Catalogue, load_catalogue
from csc.values import read_value
from fsm import AuthorError, AuthorErrors, load_document, nearest, validate

__all__ = ["ParameterSet", "load_parameter_set", "wrong_parameters"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterSet:
    """Values of parameters, by component.

    Attributes
    ----------
    values
        By component, without index; as their author wrote them.
    """

    name: str
    title: str
    summary: str = ""
    sources: tuple[str, ...] = ()
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def of(self, name: str) -> Mapping[str, Any]:
        """Return the values for a component by its name on the bus."""
        return self.values.get(name.partition(":")[0], {})


class ParameterSetSheet(BaseModel):
    """A parameter set as its author writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    parameter_set: str
    title: str
    summary: str = ""
    sources: tuple[str, ...] = ()
    components: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)


def load_parameter_set(path: Path, catalogue: Catalogue | None = None) -> ParameterSet:
    """Read a parameter set and check every name and value in it.

    Raises
    ------
    AuthorErrors
        With every mistake of the file.
    """
    plans = catalogue or load_catalogue()
    document = load_document(path, name=path.name)
    sheet = validate(document, ParameterSetSheet)
    errors: list[AuthorError] = []
    for component, values in sheet.components.items():
        place: tuple[str, ...] = ("components", component)
        if component not in plans:
            error = AuthorError(f"there is no component {component}", suggestion=nearest(component, plans))
            errors.append(AuthorError.at(document.position(place), error.message, suggestion=error.suggestion))
            continue
        for key, error in wrong_parameters(plans[component], values):
            position = document.position((*place, key))
            errors.append(AuthorError.at(position, error.message, suggestion=error.suggestion))
    if errors:
        raise AuthorErrors(errors)
    return ParameterSet(
        name=sheet.parameter_set,
        title=sheet.title,
        summary=sheet.summary,
        sources=sheet.sources,
        values=sheet.components,
    )


def wrong_parameters(plan: Blueprint, values: Mapping[str, Any]) -> Iterator[tuple[str, AuthorError]]:
    """Yield the parameters that a component does not have, or not with such a value, and what is wrong."""
    for key, raw in values.items():
        if key not in plan.parameters:
            near = nearest(key, plan.parameters)
            yield key, AuthorError(f"{plan.component} has no parameter {key}", suggestion=near)
            continue
        try:
            read_value(plan.parameters[key], raw)
        except AuthorError as error:
            yield key, error
