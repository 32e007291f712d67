"""Who takes part when a component is tested: itself and those that it speaks with or senses.

They stand as the observatories of this package place them; a component that none of them has stands alone
under its first index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from csc import Catalogue, ObservatorySheet, load_catalogue, load_observatory
from tests.csc.programs import FakeBlocks, FakeCatalogue

__all__ = ["COMPANIONS", "Cast", "cast_of", "everybody", "kind_of"]

BEGINS = {"Script:200000": {"script": "UNCONFIGURED"}}
"""States of machines that somebody outside of a component would have brought on."""
COMPANIONS = {"Scheduler": ("ScriptQueue",)}
"""Components that another one speaks with although its conditions name nothing of them."""


@dataclass(frozen=True)
class Cast:
    """Components by their names on the bus, with the parameters that are not the data sheet's."""

    who: str
    components: Mapping[str, Mapping[str, Any]]
    catalogue: Catalogue

    @property
    def machines(self) -> Mapping[str, Mapping[str, str]]:
        """States in which machines begin, where the data sheet's initial one is not wanted."""
        return BEGINS

    def services(self) -> dict[str, Any]:
        """Return what the observatory lends them."""
        scripts = FakeCatalogue()
        return {
            "scripts": scripts,
            "blocks": FakeBlocks(),
            "program": scripts.load("steps.py", standard=True),
        }


@cache
def _observatories() -> tuple[ObservatorySheet, ...]:
    folder = Path(str(files("sim_configs"))) / "observatories"
    return tuple(load_observatory(path) for path in sorted(folder.glob("*.yaml")))


@cache
def everybody() -> tuple[str, ...]:
    """Return a name on the bus for each component there is."""
    return tuple(_name(component) for component in load_catalogue())


def kind_of(name: str) -> str:
    """Return the component that has a name on the bus."""
    return name.partition(":")[0]


def _name(component: str) -> str:
    for sheet in _observatories():
        for name in sheet.components:
            if kind_of(name) == component:
                return name
    indices = load_catalogue()[component].indices
    return f"{component}:{min(indices)}" if indices else component if component != "Script" else "Script:200000"


@cache
def cast_of(who: str) -> Cast:
    """Gather a component, those that it speaks with or senses, and those that these speak with."""
    catalogue = load_catalogue()
    sheet = next((sheet for sheet in _observatories() if who in sheet.components), None)
    names = {kind_of(name): name for name in (sheet.components if sheet else ())}
    plan = catalogue[kind_of(who)]
    wanted = [*plan.remotes, *(sense.component for sense in plan.senses.values()), *COMPANIONS.get(kind_of(who), ())]
    found = {kind_of(who)}
    while wanted:
        component = wanted.pop()
        if component not in found:
            found.add(component)
            wanted += catalogue[component].remotes
    placed = {who: sheet.components[who].parameters if sheet else {}}
    for component in sorted(found):
        if component in names and names[component] != who:
            placed[names[component]] = sheet.components[names[component]].parameters if sheet else {}
    return Cast(who, placed, catalogue)
