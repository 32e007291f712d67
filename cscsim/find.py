"""What a name stands for, of all that cscsim knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from csc import Blueprint, Fault, ObservatorySheet, ParameterSet, load_catalogue
from csc.disturbances import DISTURBANCES
from cscsim.locate import Site, known, open_parameter_set, open_site
from fsm import AuthorError, Statechart, nearest
from procedures import Procedure, Scenario
from procedures.blocks import Block
from procedures.training import Training

__all__ = ["FaultOf", "Found", "MachineOf", "find"]


@dataclass(frozen=True, slots=True)
class FaultOf:
    """A fault with its component."""

    component: Blueprint
    fault: Fault


@dataclass(frozen=True, slots=True)
class MachineOf:
    """A machine with its component."""

    component: Blueprint
    machine: Statechart


Found: TypeAlias = (
    Blueprint | FaultOf | MachineOf | Procedure | Scenario | Training | ObservatorySheet | ParameterSet | Block
)


def find(name: str, site: Site) -> list[Found]:
    """Return what a name stands for: mostly one thing, but a rehearsal may be called as its observatory is.

    Raises
    ------
    AuthorError
        If it stands for nothing; names the nearest of everything.
    """
    catalogue = load_catalogue()
    aliases = {alias: plan for plan in catalogue.values() for alias in plan.aliases}
    head, _, rest = name.partition(".")
    plan = catalogue.get(head.partition(":")[0]) or aliases.get(head)
    if plan is not None:
        return [_of_component(plan, rest)]
    found: list[Found] = []
    try:
        found.append(site.procedure(name))
    except AuthorError as error:
        if error.file is not None or hasattr(error, "errors"):
            raise
    if name in known("scenarios"):
        found.append(site.scenario(name))
    if name in known("training"):
        found.append(site.training(name))
    if name in known("observatories"):
        found.append(open_site(name).sheet)
    if name in known("parameters"):
        found.append(open_parameter_set(name))
    block = site.blocks.get(name)
    if block is not None:
        found.append(block)
    if not found:
        raise AuthorError(
            f"there is no component, fault, procedure, block, scenario, training, observatory or parameter set {name}",
            suggestion=nearest(name, _all_names(site)),
        )
    return found


def _of_component(plan: Blueprint, rest: str) -> Found:
    if not rest:
        return plan
    if rest in plan.faults:
        return FaultOf(plan, plan.faults[rest])
    if rest in DISTURBANCES:
        return FaultOf(plan, DISTURBANCES[rest].as_fault())
    if rest in plan.machines:
        return MachineOf(plan, plan.machines[rest])
    if rest == "summary" and plan.summary_chart is not None:
        return MachineOf(plan, plan.summary_chart)
    near = nearest(rest, [*plan.faults, *plan.machines, *DISTURBANCES])
    suggestion = f"{plan.component}.{near}" if near else None
    raise AuthorError(f"{plan.component} has no fault or machine {rest}", suggestion=suggestion)


def _all_names(site: Site) -> Iterator[str]:
    for component, plan in load_catalogue().items():
        yield component
        yield from plan.aliases
        yield from (f"{component}.{fault}" for fault in plan.faults)
    for procedure in site.library.names():
        yield procedure
        yield procedure.removesuffix(".py")
        yield procedure.removesuffix(".py").rpartition("/")[2]
    yield from site.blocks.ids()
    yield from known("scenarios")
    yield from known("training")
    yield from known("observatories")
    yield from known("parameters")
