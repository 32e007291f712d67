"""Options of tasks, made from the settings of the science: default, kind and meaning are stated there, once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import MISSING, fields
from functools import cache
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

from lsst.pex.config import ChoiceField, Config, Field, ListField

from pipelines.image import MaskPlane

__all__ = ["chosen", "setting"]

_MARK = "cscsim_setting"

Settings = TypeVar("Settings")


def setting(settings: type[Any], name: str, choices: Collection[str] = ()) -> Any:
    """Return an option that sets one field of a dataclass of settings.

    Parameters
    ----------
    choices
        Values that are allowed; all are unless given.

    Raises
    ------
    ValueError
        If the settings have no such field, or it has no default.
    """
    default = {field.name: field.default for field in fields(settings)}.get(name, MISSING)
    if default is MISSING:
        raise ValueError(f"{settings.__name__} has no field {name} with a default")
    doc = _meanings(settings.__doc__ or "").get(name, f"{name} of {settings.__name__}")
    hint = get_type_hints(settings)[name]
    kinds = [kind for kind in get_args(hint) or (hint,) if kind is not NoneType]
    field: Field[Any] | ListField[Any]
    if isinstance(default, MaskPlane):
        field = ListField(dtype=str, default=_names(default), doc=doc, itemCheck=_is_plane)
    elif choices:
        field = ChoiceField(dtype=kinds[0], default=default, doc=doc, allowed={choice: choice for choice in choices})
    else:
        field = Field(dtype=kinds[0], default=default, doc=doc, optional=default is None)
    vars(field)[_MARK] = (settings, name)
    return field


def chosen(config: Config, settings: type[Settings], **more: Any) -> Settings:
    """Return settings as a task's options say.

    Parameters
    ----------
    more
        Fields that are no plain options.
    """
    values = dict(more)
    for option, field in config._fields.items():
        owner, name = vars(field).get(_MARK, (None, ""))
        if owner is settings:
            value = getattr(config, option)
            values[name] = _planes(value) if isinstance(field, ListField) else value
    return settings(**values)


@cache
def _meanings(docstring: str) -> Mapping[str, str]:
    """Return what the section Attributes of a docstring says of each field."""
    section = re.search(r"Attributes\n\s*-+\n(.*?)(?:\n\s*\n\s*\w+\n\s*-+\n|\Z)", docstring, re.DOTALL)
    found: dict[str, str] = {}
    names: list[str] = []
    for line in section[1].splitlines() if section else ():
        if re.match(r" {4}\w", line):
            names = [name.strip() for name in line.split(",")]
        elif line.strip():
            for name in names:
                found[name] = f"{found.get(name, '')} {line.strip()}".strip()
    return found


def _is_plane(name: str) -> bool:
    return name in MaskPlane.__members__


def _names(planes: MaskPlane) -> list[str]:
    return [plane.name or "" for plane in MaskPlane if plane in planes]


def _planes(names: Collection[str]) -> MaskPlane:
    planes = MaskPlane(0)
    for name in names:
        planes |= MaskPlane[name]
    return planes
