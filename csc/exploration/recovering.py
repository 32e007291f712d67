"""What each fault does to a component, and what brings it back: commands alone, its cure, or nothing.

A component is back when it is ENABLED and stands as one can stand to which nothing ever happened. A fault that goes on
acting, by holding triggers back or by changing parameters, must have been cured as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from csc.blueprint import Blueprint, Fault
from csc.exploration.findings import Finding
from csc.exploration.inquiry import BY_THEMSELVES, MENDING, Inquiry, Notice, inquire
from csc.exploration.part import Part
from fsm.explore import Codes, contains, leading_to

__all__ = ["Recovery", "recover"]


@dataclass(slots=True, kw_only=True)
class Recovery:
    """What was found of one fault.

    Attributes
    ----------
    situations, exhausted
        How many were reached, before the fault, with it and after it, and whether these are all.
    broken
        In how many of them it is active.
    by_commands, by_cure
        From how many of these neither commands, or not even commands and its cure, lead back; None if not exhausted.
    """

    fault: str
    situations: int
    exhausted: bool
    broken: int
    by_commands: int | None = None
    by_cure: int | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def verdict(self) -> str:
        """What brings the component back, in one word."""
        if self.by_commands is None or self.by_cure is None:
            return "not exhausted"
        return "commands" if not self.by_commands else "its cure" if not self.by_cure else "nothing"


def recover(
    part: Part,
    fault: Fault,
    catalogue: Mapping[str, Blueprint],
    *,
    limit: int | None = None,
    notice: Notice | None = None,
) -> tuple[Recovery, Inquiry]:
    """Let one fault happen, as often as you like, wherever a component can be, and look for ways back."""
    broken = replace(part, faults=(fault.name,))
    inquiry = inquire([broken], catalogue, limit=limit, notice=notice)
    explored, encoding = inquiry.explored, inquiry.explored.encoding
    place = inquiry.composition.layout.fault
    if place is None:  # pragma: no cover  # a part that may break has such a place
        raise ValueError(f"{part.name} has no fault {fault.name}")
    active = encoding.values(explored.visited, place) != 0
    found = Recovery(fault=fault.name, situations=len(explored), exhausted=explored.exhausted, broken=int(active.sum()))
    if not explored.exhausted or not part.plan.is_csc:
        return found, inquiry
    sound = inquire([broken], catalogue, without=frozenset(("fault",)))
    plain = explored.visited if _acts_on(fault, part) else explored.visited & ~encoding.mask([place])
    goal = contains(sound.explored.visited, plain) & inquiry.at(broken, "summary", "ENABLED")
    here = ~inquiry.ended(broken)
    by_commands = leading_to(explored, goal, BY_THEMSELVES)
    by_cure = leading_to(explored, by_commands, MENDING)
    before = leading_to(sound.explored, sound.at(broken, "summary", "ENABLED"), BY_THEMSELVES)
    lost_before = contains(sound.explored.visited[~before], explored.visited)
    lost = explored.visited[~by_cure & here & ~lost_before]
    found.by_commands, found.by_cure = int((active & here & ~by_commands).sum()), len(lost)
    found.findings = tuple(_findings(part, fault, inquiry, lost))
    return found, inquiry


def _acts_on(fault: Fault, part: Part) -> bool:
    """Tell whether a fault does more than what it did when it happened."""
    parameters = part.plan.parameters
    lasting = any(effect.kind in ("hold", "drop", "delay") for effect in fault.effects)
    return lasting or any(target in parameters for effect in fault.effects for target, _ in effect.values)


def _findings(part: Part, fault: Fault, inquiry: Inquiry, lost: Codes) -> Iterator[Finding]:
    if len(lost):
        first = inquiry.first(lost)
        yield Finding(
            kind="not even its cure",
            component=part.name,
            subject=fault.name,
            because=f"from {len(lost)} situations, for example: {inquiry.told(first)}",
            trace=inquiry.trace(first),
        )
    for check, code in inquiry.explored.broken.items():
        yield Finding(
            kind="broken by a fault",
            component=part.name,
            subject=check,
            because=f"with {fault.name}: {inquiry.told(code)}",
            trace=inquiry.trace(code),
        )
