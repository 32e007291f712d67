"""What there is where runs took place: components of their observatories, procedures and all that these call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from csc import Blueprint, load_catalogue
from cscsim.campaign_plan import declared_faults
from cscsim.locate import Site, open_site
from fsm import AuthorError
from procedures import Procedure
from procedures.coverage import ComponentAdvice, Coverage, Finder, Seen, called_by, tally

__all__ = ["Universe", "cover", "site_of_run"]


@cache
def site_of_run(observatory: str, file: str) -> Site | None:
    """Return the observatory of a run, by its file or else its name; None if it is not there any more."""
    try:
        return open_site(file or observatory)
    except AuthorError:
        return None


@dataclass(slots=True)
class Universe:
    """What there is where the runs took place.

    Attributes
    ----------
    components
        Blueprints by component.
    names
        A name on the bus for each.
    faults
        For each procedure, the faults that are declared where it was carried out.
    """

    components: dict[str, Blueprint] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    procedures: dict[str, Procedure] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)

    def add(self, site: Site, root: Procedure | None, seen: Iterable[str]) -> None:
        """Add an observatory, a procedure that was rehearsed there with all that it calls, and others by name."""
        for name in site.sheet.components:
            kind = name.partition(":")[0]
            self.components.setdefault(kind, load_catalogue()[kind])
            self.names.setdefault(kind, name)
        finder = Finder(site.library, *([root] if root is not None else []))
        found = [root, *(finder.find(name) for name in seen)]
        declared = declared_faults(site)
        for procedure in found:
            for name, called in called_by(procedure, finder, site.blocks).items() if procedure is not None else ():
                self.procedures.setdefault(name, called)
                self.faults[name] = list(dict.fromkeys([*self.faults.get(name, ()), *declared]))

    def advice(self, component: str) -> ComponentAdvice:
        """Return what tells how to reach what never came about of a component."""
        return ComponentAdvice(self.components[component], self.names.get(component, component))


def cover(seen: Seen) -> tuple[Coverage, Universe, list[str]]:
    """Hold what was seen against what there is where it was seen; return it with notes of what is not there."""
    universe, notes = Universe(), []
    catalogue = load_catalogue()
    for kind in sorted({item[1] for item in seen.counts if item[0] == "state"}):
        if kind in catalogue:
            universe.components[kind] = catalogue[kind]
    names = sorted({item[1] for item in seen.counts if item[0] == "step"})
    for item, _ in seen.of("run"):
        _, name, file, observatory, observatory_file = item
        site = site_of_run(observatory, observatory_file)
        if site is None:
            notes.append(f"observatory {observatory_file or observatory} is not there; what only it has is left out")
            continue
        universe.add(site, _procedure(site, file or name, notes), names)
    return tally(seen, universe.components.values(), universe.procedures.values(), universe.faults), universe, notes


def _procedure(site: Site, name: str, notes: list[str]) -> Procedure | None:
    try:
        return site.procedure(name)
    except AuthorError as error:
        notes.append(f"procedure {name} is left out: {error}")
        return None
