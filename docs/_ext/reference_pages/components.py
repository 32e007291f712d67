"""One page a component, which the extension fills, and the list of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from csc import Blueprint, load_catalogue
from csc.generic import generic_commands
from reference_pages.markdown import GENERATED, prose, stub, table, target

__all__ = ["pages"]

GROUPS = {
    "The telescope and its dome": (
        "ATMCS",
        "ATPtg",
        "ATAOS",
        "ATPneumatics",
        "ATHexapod",
        "ATDome",
        "ATDomeTrajectory",
    ),
    "The instrument": ("ATCamera", "ATSpectrograph", "ATHeaderService", "ATOODS"),
    "The calibration light": ("ATWhiteLight", "ATMonochromator", "Electrometer", "FiberSpectrograph"),
    "ComCam": ("CCCamera", "CCHeaderService", "CCOODS"),
    "Building and services": ("ATBuilding", "ESS", "OCPS", "Scheduler", "ScriptQueue", "Script", "Watcher"),
}
"""In which order components are listed; one that no group names comes last."""


def pages() -> Iterator[tuple[str, str]]:
    """Yield the list of components, and the page of each."""
    catalogue = load_catalogue()
    yield "reference/components/index.md", _index(catalogue)
    yield "reference/components/every_csc.md", stub("What every CSC has", "component", "CSC")
    for name in catalogue:
        yield f"reference/components/{name}.md", stub(name, "component", name, label=target("component", name))


def _index(catalogue: Mapping[str, Blueprint]) -> str:
    grouped = {name for names in GROUPS.values() for name in names}
    groups = {**GROUPS, "Others": tuple(name for name in catalogue if name not in grouped)}
    parts = [GENERATED, "# Components\n", "What each one states about itself in its data sheet.\n"]
    parts.append("All CSCs share what stands on [](every_csc.md); the pages below leave it out.\n")
    for title, names in groups.items():
        found = [catalogue[name] for name in names if name in catalogue]
        if found:
            rows = [
                (f"[{plan.component}]({plan.component}.md)", prose(plan.title), *map(str, _sizes(plan)))
                for plan in found
            ]
            parts += [f"## {title}\n", table(("name", "title", "machines", "commands", "faults"), rows)]
    listed = "\n".join(["every_csc", *sorted(catalogue)])
    parts.append(f"```{{toctree}}\n:hidden:\n\n{listed}\n```\n")
    return "\n".join(parts)


def _sizes(plan: Blueprint) -> tuple[int, int, int]:
    return len(plan.machines), len(plan.commands.keys() - generic_commands(plan.generics)), len(plan.faults)
