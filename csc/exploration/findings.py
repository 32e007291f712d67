"""What an exploration has to say about components: the same words for a person, a page and a program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from csc.blueprint import Blueprint
from csc.exploration.coverage import Coverage, RowKey
from csc.exploration.part import Part
from fsm import ANY, Statechart, Transition

__all__ = ["KINDS", "Finding", "covered", "row_text"]

KINDS: Mapping[str, str] = {
    "deadlock": "no command, timer or anything that happens by itself leads out",
    "broken invariant": "what should always hold does not",
    "broken by a fault": "what should always hold does not, once something is broken",
    "no way back": "from here the component cannot be enabled again",
    "not even its cure": "after this fault the component cannot be brought back at all",
    "dead state": "it can be entered and never left",
    "unreached state": "nothing leads there",
    "dead row": "it can never be taken",
    "outside": "nothing in the data sheet fires this trigger; somebody outside must",
    "overlap": "both guards may hold at once; the order of the rows decides",
    "only a cure": "nothing but the end of a fault leads out",
    "order": "the later row is for what the earlier one leaves",
}
"""The kinds of findings, the gravest first, and what they mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that was found.

    Attributes
    ----------
    kind
        One of `KINDS`.
    subject
        What it is about, as the data sheet names it: with its kind it tells a finding from all others of a component.
    because
        What is known of the reason.
    trace
        The shortest way there, a line for each action.
    """

    kind: str
    component: str
    subject: str
    because: str = ""
    trace: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its name among the findings of its component."""
        return f"{self.kind}: {self.subject}"


def row_text(machine: str, row: Transition) -> str:
    """Write a row in one line."""
    trigger = f"after {row.after}" if row.after is not None else " or ".join(row.on)
    sources = "any" if ANY in row.sources else ", ".join(row.sources)
    target = "stay" if row.target is None else f"to {row.target}"
    guard = "" if row.guard is None else f" if {row.guard}"
    return f"{machine}: {trigger} from {sources} {target}{guard}"


def covered(name: str, plan: Blueprint, coverage: Coverage, cures: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """Yield what never comes about in a component, and where the order of rows decides.

    Parameters
    ----------
    cures
        Triggers that are given only because something that was broken is mended.
    """
    for machine, chart in plan.machines.items():
        rows = {number: coverage.rows.get((name, machine, number), set()) for number in range(len(chart.transitions))}
        for state in chart.state_names:
            if (name, machine, state) not in coverage.states:
                yield Finding(kind="unreached state", component=name, subject=f"{machine} {state}")
                continue
            ways = {
                trigger
                for number, row in enumerate(chart.transitions)
                for source, trigger in rows[number]
                if source == state and row.target not in (None, state)
            }
            if not ways:
                yield Finding(kind="dead state", component=name, subject=f"{machine} {state}")
            elif ways <= cures:
                because = f"left by {', '.join(sorted(ways))}"
                yield Finding(kind="only a cure", component=name, subject=f"{machine} {state}", because=because)
        for number, row in enumerate(chart.transitions):
            if not rows[number]:
                because = _why_never(name, plan, chart, row, coverage)
                yield Finding(kind="dead row", component=name, subject=row_text(machine, row), because=because)
    for trigger in Part(name=name, plan=plan).orphans:
        yield Finding(kind="outside", component=name, subject=trigger)
    yield from _standing(name, plan, coverage)
    yield from _ordered(name, plan, coverage)


def _standing(name: str, plan: Blueprint, coverage: Coverage) -> Iterator[Finding]:
    chart = plan.summary_chart
    for state in () if chart is None else chart.state_names:
        left = {source for key, taken in coverage.rows.items() if key[:2] == (name, "summary") for source, _ in taken}
        if (name, "summary", state) in coverage.states and state not in left:
            yield Finding(kind="dead state", component=name, subject=f"summary {state}")


def _why_never(name: str, plan: Blueprint, chart: Statechart, row: Transition, coverage: Coverage) -> str:
    sources = [state for state in chart.state_names if row.leaves(state)]
    entered = [state for state in sources if (name, chart.name, state) in coverage.states]
    if not entered:
        return f"{chart.name} is never {' or '.join(sources)}"
    given = [trigger for trigger in row.on if (name, trigger) in coverage.triggers]
    if row.on and not given:
        return f"nothing fires {' or '.join(row.on)}"
    if row.guard is None:
        return "an earlier row is always taken, or it never comes then"
    switches = sorted(str(name) for name in row.guard.names if str(name) in plan.parameters)
    configured = f" with {', '.join(switches)} as configured" if switches else ""
    return f"its guard never holds there{configured}"


def _ordered(name: str, plan: Blueprint, coverage: Coverage) -> Iterator[Finding]:
    found: dict[tuple[RowKey, int], set[str]] = {}
    for key, second, state, _ in coverage.overlaps:
        if key[0] == name:
            found.setdefault((key, second), set()).add(state)
    for ((_, machine, first), second), states in sorted(found.items()):
        chart = plan.machines[machine]
        one, other = chart.transitions[first], chart.transitions[second]
        kind = "order" if other.guard is None else "overlap"
        subject = f"{row_text(machine, one)} / {row_text(machine, other)}"
        yield Finding(kind=kind, component=name, subject=subject, because=f"in {', '.join(sorted(states))}")
