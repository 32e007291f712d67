"""Components explored: each alone, or those together that read each other, with a report of everything found.

Commands may come at any time from anybody, so a component never hangs on who reads it, and two of which neither reads
the other go their own ways: what they can be together is every combination of what each can be, which is counted and
not enumerated. What a component reads of another one that is not explored with it may be anything.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from csc.blueprint import Blueprint
from csc.exploration.asking import Answer, hold, names_asked
from csc.exploration.coverage import Coverage
from csc.exploration.findings import KINDS, Finding, covered
from csc.exploration.inquiry import Inquiry, inquire
from csc.exploration.part import Part
from csc.exploration.recovering import Recovery, recover
from fsm import Condition
from fsm.explore import Progress, TooManyPlaces

__all__ = ["GRAVE", "Exploration", "Group", "explore_components"]

GRAVE = ("deadlock", "broken invariant", "broken by a fault", "no way back", "not even its cure")
"""Findings for which something should be done."""
Notice = Callable[[str, Progress], object]
"""Told what is being explored, and how far it is."""


@dataclass(slots=True, kw_only=True)
class Group:
    """Components that were explored together because they read each other, or one alone.

    Attributes
    ----------
    situations, standing_for
        How many were reached; how many these stand for if the order of places that are alike counts.
    depth
        So many actions lead to the farthest.
    followers
        How many times an action was taken.
    seconds
        How long it took [s].
    """

    components: tuple[str, ...]
    situations: int
    standing_for: int
    exhausted: bool
    places: int
    depth: int
    followers: int
    seconds: float


@dataclass(slots=True, kw_only=True)
class Exploration:
    """A report of an exploration.

    Attributes
    ----------
    apart
        Components that read each other and were explored one by one all the same, for together they are too many.
    is_product
        Whether no component reads one that was not explored with it, so that together they can be in every combination.
    faults
        What was found of each fault, by component.
    """

    groups: list[Group] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    faults: dict[str, list[Recovery]] = field(default_factory=dict)
    invariants: list[Answer] = field(default_factory=list)
    apart: list[tuple[str, ...]] = field(default_factory=list)
    is_product: bool = True

    @property
    def exhausted(self) -> bool:
        """Whether everything was reached."""
        recoveries = [recovery for each in self.faults.values() for recovery in each]
        return all(group.exhausted for group in self.groups) and all(each.exhausted for each in recoveries)

    @property
    def together(self) -> int:
        """How many situations the components can be in together, sound ones only."""
        return math.prod(group.standing_for for group in self.groups)

    @property
    def is_grave(self) -> bool:
        """Whether something was found for which something should be done."""
        return any(each.kind in GRAVE for each in self.findings) or any(
            answer.verdict == "broken" for answer in self.invariants
        )

    def as_data(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "exhausted": self.exhausted,
            "together": self.together if self.is_product else None,
            "groups": [
                {
                    "components": list(group.components),
                    "situations": group.situations,
                    "standing_for": group.standing_for,
                    "exhausted": group.exhausted,
                    "places": group.places,
                    "depth": group.depth,
                    "followers": group.followers,
                    "seconds": round(group.seconds, 3),
                }
                for group in self.groups
            ],
            "explored_apart": [list(each) for each in self.apart],
            "invariants": [
                {
                    "condition": answer.condition,
                    "verdict": answer.verdict,
                    "exhausted": answer.exhausted,
                    "seen": answer.seen,
                    "trace": list(answer.trace),
                }
                for answer in self.invariants
            ],
            "faults": {
                component: [
                    {
                        "fault": each.fault,
                        "situations": each.situations,
                        "exhausted": each.exhausted,
                        "broken": each.broken,
                        "brought_back_by": each.verdict,
                        "not_by_commands": each.by_commands,
                        "not_by_cure": each.by_cure,
                    }
                    for each in recoveries
                ]
                for component, recoveries in self.faults.items()
            },
            "findings": [
                {
                    "kind": each.kind,
                    "component": each.component,
                    "subject": each.subject,
                    "because": each.because,
                    "trace": list(each.trace),
                }
                for each in self.findings
            ],
        }


def explore_components(
    parts: Sequence[Part],
    catalogue: Mapping[str, Blueprint],
    *,
    faults: bool = False,
    invariants: Sequence[Condition] = (),
    groups: Mapping[str, tuple[str, ...]] | None = None,
    together: bool = True,
    limit: int | None = None,
    notice: Notice | None = None,
) -> Exploration:
    """Explore components and report what was found.

    Parameters
    ----------
    faults
        Whether each fault is also let happen, one at a time, in the component that it belongs to.
    invariants
        What should always hold besides what the data sheets say.
    groups
        Members of the groups that invariants may name.
    together
        Whether components that read each other are explored together; otherwise each for itself.
    limit
        So many situations at most of what is explored together.
    """
    report = Exploration()
    members = groups or {}
    asked = names_asked(invariants, members)
    inquiries: list[Inquiry] = []
    coverage = Coverage()
    linked_parts = _linked(parts)
    for linked in linked_parts if together else [[part] for part in parts]:
        for found in _inquire(linked, catalogue, asked, limit, notice, report):
            inquiries.append(found)
            coverage.add(found.composition, found.explored)
            report.findings += found.findings()
    for part in parts if faults else ():
        report.faults[part.name] = list(_break(part, catalogue, coverage, report, limit, notice))
    for part in parts:
        mended = {f"{fault.name}_cleared" for fault in part.plan.faults.values()}
        mended |= {trigger for fault in part.plan.faults.values() for trigger in part.mended_by(fault)}
        report.findings += covered(part.name, part.plan, coverage, frozenset(mended))
    report.invariants = [hold(condition, inquiries, members) for condition in invariants]
    report.is_product = len(report.groups) == len(linked_parts)
    order = list(KINDS)
    report.findings.sort(key=lambda each: (order.index(each.kind), each.component))
    return report


def _linked(parts: Sequence[Part]) -> list[list[Part]]:
    """Return the components in groups outside of which nobody reads them."""
    groups: list[list[Part]] = []
    for part in parts:
        joined = [part]
        for group in [each for each in groups if any(_reads(part, other) or _reads(other, part) for other in each)]:
            groups.remove(group)
            joined = [*group, *joined]
        groups.append(joined)
    return groups


def _reads(part: Part, other: Part) -> bool:
    kind = other.name.partition(":")[0]
    named = {name.parts[0] for condition in part.conditions() for name in condition.names}
    sensed = {part.plan.senses[name].component.partition(":")[0] for name in named if name in part.plan.senses}
    return bool(named & {other.name, kind} & set(part.plan.remotes)) or kind in sensed


def _inquire(
    parts: Sequence[Part],
    catalogue: Mapping[str, Blueprint],
    asked: Sequence[tuple[str, str]],
    limit: int | None,
    notice: Notice | None,
    report: Exploration,
) -> Iterator[Inquiry]:
    """Explore components together, or one by one if they cannot be numbered together."""
    names = tuple(part.name for part in parts)
    began = time.perf_counter()
    told = None if notice is None else lambda progress: notice(" + ".join(names), progress)
    try:
        found = inquire(parts, catalogue, limit=limit, notice=told, asked=asked)
    except TooManyPlaces:
        if len(parts) == 1:
            raise
        report.apart.append(names)
        for part in parts:
            yield from _inquire([part], catalogue, asked, limit, notice, report)
        return
    explored = found.explored
    report.groups.append(
        Group(
            components=names,
            situations=len(explored),
            standing_for=explored.standing_for,
            exhausted=explored.exhausted,
            places=len(explored.system.places),
            depth=len(explored.levels) - 1,
            followers=explored.followers,
            seconds=time.perf_counter() - began,
        )
    )
    yield found


def _break(
    part: Part,
    catalogue: Mapping[str, Blueprint],
    coverage: Coverage,
    report: Exploration,
    limit: int | None,
    notice: Notice | None,
) -> Iterator[Recovery]:
    """Let each fault of a component happen, and note what was found of it."""
    known = {each.subject for each in report.findings if each.kind == "broken invariant"}
    for fault in part.plan.faults.values():
        name = f"{part.name} with {fault.name}"
        told = None if notice is None else lambda progress, name=name: notice(name, progress)
        recovery, inquiry = recover(part, fault, catalogue, limit=limit, notice=told)
        coverage.add(inquiry.composition, inquiry.explored)
        for each in recovery.findings:
            if each.kind != "broken by a fault" or each.subject not in known:
                report.findings.append(each)
                known |= {each.subject} if each.kind == "broken by a fault" else set()
        yield recovery
