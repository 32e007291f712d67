"""What stands in `differences.yaml` and `required.yaml`: exceptions and goals, each by name.

Decides how they are applied: knowledge replaces what the XML says of one component's enumerations, and the comparison
is then made without further exceptions.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.csc.interface.comparison import Knowledge
from tests.csc.interface.sal_xml import Interface, read_interface

__all__ = ["Exceptions", "Required", "enumeration_in_code", "exceptions", "required"]

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceptions:
    """Where the XML is not the last word; keys begin with a component's name and a full stop.

    Attributes
    ----------
    without_xml
        Components of which there is no XML, and why.
    enumerations
        Values that replace the XML's.
    ties
        The enumeration of a field; that of another component begins with its name.
    unused
        Enumerations of the XML that no field of ours holds, and why.
    in_code
        Enumerations in Python modules, and whose numbers they repeat.
    not_sal
        Enumerations in Python modules that repeat none, and why.
    """

    without_xml: Mapping[str, str]
    enumerations: Mapping[str, Mapping[str, int]]
    ties: Mapping[str, str]
    unused: Mapping[str, str]
    in_code: Mapping[str, str]
    not_sal: Mapping[str, str]

    def interface(self, folder: Path, component: str) -> Interface:
        """Return the interface of a component as it really is."""
        return self.knowledge(folder, component).applied(read_interface(folder, component))

    def knowledge(self, folder: Path, component: str) -> Knowledge:
        """Return what is known of one component beside its XML."""
        ties = {**_of("*", self.ties), **_of(component, self.ties)}
        others = {name: self.values(folder, name) for name in ties.values() if "." in name}
        return Knowledge(enumerations={**others, **_of(component, self.enumerations)}, ties=ties)

    def values(self, folder: Path, name: str) -> Mapping[str, int]:
        """Return the members of an enumeration, by its name with its component's."""
        component, _, short = name.partition(".")
        replaced = self.enumerations.get(name)
        return replaced if replaced is not None else read_interface(folder, component).enumerations[short]


@dataclass(frozen=True, slots=True, kw_only=True)
class Required:
    """What must be declared.

    Attributes
    ----------
    complete
        Components of which every command and event must be there.
    named
        Commands and events of the others that must be, by component and kind.
    """

    complete: tuple[str, ...]
    named: Mapping[str, Mapping[str, tuple[str, ...]]]


@cache
def exceptions() -> Exceptions:
    """Read `differences.yaml`."""
    table = _read("differences.yaml")
    values = {name: entry["values"] for name, entry in table.pop("enumerations").items()}
    return Exceptions(enumerations=values, **table)


@cache
def required() -> Required:
    """Read `required.yaml`."""
    table = _read("required.yaml")
    named = {
        component: {kind: tuple(words) for kind, words in kinds.items()} for component, kinds in table["named"].items()
    }
    return Required(complete=tuple(table["complete"]), named=named)


def enumeration_in_code(place: str) -> type[IntEnum]:
    """Return an enumeration by its module and name."""
    module, _, name = place.rpartition(".")
    found: type[IntEnum] = getattr(importlib.import_module(module), name)
    return found


def _read(name: str) -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return table


def _of(component: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries of one component, without its name."""
    prefix = f"{component}."
    return {key.removeprefix(prefix): value for key, value in table.items() if key.startswith(prefix)}
