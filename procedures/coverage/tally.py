"""What there is held against what has come about: part by part, a component or a procedure each.

Everything that is there is counted, also what can hardly come about; nothing that has come about counts unless it is
there: what has been renamed or removed since is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from csc import Blueprint
from fsm import ANY
from procedures.coverage.item import COMPONENT_GROUPS, PROCEDURE_GROUPS, Item, component_items, procedure_items
from procedures.coverage.seen import Seen
from procedures.model import Procedure

__all__ = ["Coverage", "Figure", "Group", "Part", "Struck", "percent", "tally"]


@dataclass(frozen=True, slots=True)
class Figure:
    """So many of so many."""

    seen: int = 0
    of: int = 0

    def __str__(self) -> str:
        return f"{self.seen}/{self.of}" if self.of else "–"

    def __add__(self, other: Figure) -> Figure:
        return Figure(self.seen + other.seen, self.of + other.of)


def percent(figure: Figure) -> float:
    """Return the part that was seen [%]; of nothing, everything was."""
    return 100.0 * figure.seen / figure.of if figure.of else 100.0


@dataclass(frozen=True, slots=True)
class Group:
    """Items of one kind, each with how often it has come about."""

    name: str
    counts: Mapping[Item, int]

    @property
    def figure(self) -> Figure:
        """How many have."""
        return Figure(sum(1 for count in self.counts.values() if count), len(self.counts))

    @property
    def missing(self) -> list[Item]:
        """Those that have not."""
        return [item for item, count in self.counts.items() if not count]

    def ending(self, *lasts: str) -> Figure:
        """Return how many of those have come about whose last text is one of these."""
        chosen = [count for item, count in self.counts.items() if item[-1] in lasts]
        return Figure(sum(1 for count in chosen if count), len(chosen))


@dataclass(frozen=True, slots=True)
class Struck:
    """Which faults struck while which steps were under way.

    Attributes
    ----------
    steps
        All steps of the procedure.
    faults
        All faults that are declared where it was carried out.
    pairs
        Step and fault, of these, with how often.
    """

    steps: Sequence[str] = ()
    faults: Sequence[str] = ()
    pairs: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def figure(self) -> Figure:
        """How many of all pairs."""
        return Figure(len(self.pairs), len(self.steps) * len(self.faults))

    def faults_of(self, step: str) -> int:
        """Count the faults that struck a step."""
        return sum(1 for place, _ in self.pairs if place == step)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A component or a procedure.

    Attributes
    ----------
    groups
        What is counted of it, by name.
    unknown
        Conditions that were unknown when they were looked at.
    struck
        Of a procedure, its steps and faults.
    """

    name: str
    groups: Mapping[str, Group]
    unknown: frozenset[Item] = frozenset()
    struck: Struck = Struck()

    @property
    def figure(self) -> Figure:
        """How much of it has come about, without faults and steps together."""
        return sum((group.figure for group in self.groups.values()), Figure())

    def conditions(self) -> dict[Item, str]:
        """Return for each condition what it was: both, true, false, unknown or never."""
        found: dict[Item, str] = {}
        counts = self.groups["conditions"].counts
        for item, pair in groupby(counts, key=lambda item: item[:-1]):
            true, false = (bool(counts[each]) for each in pair)
            word = "both" if true and false else "true" if true else "false" if false else ""
            found[item] = word or ("unknown" if item in self.unknown else "never")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was seen of what there is.

    Attributes
    ----------
    gone
        Items that were seen and that are not there any more.
    ways
        Ways between two states that were taken by one of several rows, and no one can tell which.
    """

    components: Mapping[str, Part]
    procedures: Mapping[str, Part]
    seen: Seen
    gone: int = 0
    ways: int = 0

    @property
    def figure(self) -> Figure:
        """How much of everything, without faults and steps together."""
        return sum((part.figure for part in (*self.components.values(), *self.procedures.values())), Figure())

    def total(self, group: str) -> Figure:
        """Return how much of something of components, such as states, of all together."""
        return sum((part.groups[group].figure for part in self.components.values()), Figure())

    def only(self, components: Iterable[str] | None, procedures: Iterable[str] | None) -> Coverage:
        """Return these parts alone; all of a kind if it is None."""
        return replace(
            self, components=_chosen(self.components, components), procedures=_chosen(self.procedures, procedures)
        )


def _chosen(parts: Mapping[str, Part], names: Iterable[str] | None) -> dict[str, Part]:
    wanted = set(parts if names is None else names)
    return {name: part for name, part in parts.items() if name in wanted}


def tally(
    seen: Seen,
    components: Iterable[Blueprint],
    procedures: Iterable[Procedure],
    faults: Mapping[str, Sequence[str]],
) -> Coverage:
    """Hold what was seen against what there is.

    Parameters
    ----------
    faults
        For each procedure, the declared faults of all components that are where it was carried out.
    """
    plans = {plan.component: plan for plan in components}
    books = {procedure.name: procedure for procedure in procedures}
    there = {name: component_items(plan) for name, plan in plans.items()}
    there |= {name: procedure_items(procedure) for name, procedure in books.items()}
    counts = dict.fromkeys((item for items in there.values() for item in items), 0)
    ways = gone = 0
    by_way = _rows_by_way(counts)
    struck: dict[str, dict[tuple[str, str], int]] = {}
    unknown: dict[str, set[Item]] = {}
    for item, count in seen.counts.items():
        kind, owner = item[0], item[1]
        if item in counts:
            counts[item] += count
        elif owner not in there:
            gone += kind not in ("run", "fault") and owner != ""
        elif kind == "transition" and item[-1] == "":
            rows = by_way.get(item[1:5], ()) or by_way.get((*item[1:3], ANY, item[4]), ())
            if len(rows) == 1:
                counts[rows[0]] += count
            else:
                ways, gone = ways + bool(rows), gone + (not rows)
        elif kind == "transition" and (anywhere := (*item[:3], ANY, *item[4:])) in counts:
            counts[anywhere] += count
        elif kind == "struck":
            struck.setdefault(owner, {})[item[2], item[3]] = count
        elif kind == "condition" and item[-1] == "unknown":
            unknown.setdefault(owner, set()).add(item[:-1])
        else:
            gone += kind in ("state", "transition", "step", "condition")
    parts = {name: _groups(there[name], counts, COMPONENT_GROUPS) for name in plans}
    parts |= {name: _groups(there[name], counts, PROCEDURE_GROUPS) for name in books}
    return Coverage(
        components={name: Part(name=name, groups=parts[name]) for name in plans},
        procedures={
            name: Part(
                name=name,
                groups=parts[name],
                unknown=frozenset(unknown.get(name, ())),
                struck=_struck(parts[name]["steps"], faults.get(name, ()), struck.get(name, {})),
            )
            for name in books
        },
        seen=seen,
        gone=gone,
        ways=ways,
    )


def _rows_by_way(items: Iterable[Item]) -> dict[Item, list[Item]]:
    found: dict[Item, list[Item]] = {}
    for item in items:
        if item[0] == "transition":
            found.setdefault(item[1:5], []).append(item)
    return found


def _groups(items: Sequence[Item], counts: Mapping[Item, int], kinds: Mapping[str, str]) -> dict[str, Group]:
    return {
        group: Group(group, {item: counts[item] for item in items if item[0] == kind}) for group, kind in kinds.items()
    }


def _struck(steps: Group, faults: Sequence[str], pairs: Mapping[tuple[str, str], int]) -> Struck:
    ids = list(dict.fromkeys(item[2] for item in steps.counts))
    there, declared = set(ids), set(faults)
    known = {pair: count for pair, count in pairs.items() if pair[0] in there and pair[1] in declared}
    return Struck(ids, faults, known)
