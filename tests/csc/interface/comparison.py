"""Holds a blueprint against the real interface, and counts how much of it is there.

Decides what a difference is. A topic of ours must exist there and have the same fields, and each field the same
type, length and unit; where a field holds an enumeration there, ours names the same members and numbers.

- Units are the same if they convert into each other by the factor 1: ``Celsius`` is ``deg_C``, ``ms`` is not ``s``.
- Names of members are the same but for case, underscores and a last ``State``: ``OfflineState`` is ``OFFLINE``.
- A machine that carries a field may have finer states than the enumeration, each with one of its numbers.
- Of a mask the bits are named, and 0 is none of them.
- 0 may be named NONE or UNSET in addition: SAL sends it for a field that nobody has filled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from csc.blueprint import Blueprint, Field
from csc.carrier import Carrier
from csc.values import unit_scale
from fsm import AuthorError, nearest
from tests.csc.interface.sal_xml import KINDS, Interface, RealField, RealTopic

__all__ = ["Coverage", "Difference", "Knowledge", "compare", "count", "topics_of"]

_SPELLED = {"C": "deg_C", "count": None}
"""Units of the XML that have another spelling here."""

_NOT_FILLED = ("NONE", "UNSET")
"""What 0 may be called where it is none of an enumeration's numbers."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Difference:
    """What is not as it is there."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What is known of a component's enumerations beside its XML.

    Attributes
    ----------
    enumerations
        Values that replace those of the XML, by name of enumeration and member.
    ties
        Which enumeration a field holds, by ``topic.field``, where the XML does not tell.
    """

    enumerations: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    ties: Mapping[str, str] = field(default_factory=dict)

    def applied(self, interface: Interface) -> Interface:
        """Return the interface as it is with this knowledge."""
        topics = {
            key: replace(topic, fields={name: self._tied(topic, item) for name, item in topic.fields.items()})
            for key, topic in interface.topics.items()
        }
        return replace(interface, topics=topics, enumerations={**interface.enumerations, **self.enumerations})

    def _tied(self, topic: RealTopic, item: RealField) -> RealField:
        return replace(item, enumeration=self.ties.get(f"{topic.name}.{item.name}", item.enumeration))


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many of the component's own topics of one kind are declared, and which are not."""

    kind: str
    declared: int
    real: int
    missing: tuple[str, ...]


def topics_of(plan: Blueprint) -> dict[tuple[str, str], Mapping[str, Field]]:
    """Return the fields of everything that a blueprint declares, by kind and name."""
    found = {("command", name): command.fields for name, command in plan.commands.items()}
    for name, topic in plan.topics.items():
        found["telemetry" if topic.telemetry else "event", name] = topic.fields
    return found


def count(plan: Blueprint, interface: Interface) -> list[Coverage]:
    """Count what is declared of the component's own topics, kind by kind."""
    ours = topics_of(plan)
    counts = []
    for kind in KINDS:
        own = interface.own(kind)
        missing = tuple(name for name in own if (kind, name) not in ours)
        counts.append(Coverage(kind=kind, declared=len(own) - len(missing), real=len(own), missing=missing))
    return counts


def compare(plan: Blueprint, interface: Interface, *, own: bool = True) -> list[Difference]:
    """Return every difference between what is declared and what is there, ordered by place.

    Parameters
    ----------
    own
        Whether the component's own topics are compared, besides the generics, of which all must be declared.
    """
    ours = topics_of(plan)
    found = [
        Difference(where=f"{plan.component}.{name}", what=f"is missing here, a generic {kind}")
        for kind, name in interface.generics - ours.keys()
    ]
    for (kind, name), fields in ours.items():
        where = f"{plan.component}.{name}"
        real = interface.topics.get((kind, name))
        if not own and (kind, name) not in interface.generics:
            continue
        if real is None:
            names = [other for found_kind, other in interface.topics if found_kind == kind]
            found.append(Difference(where=where, what=f"there is no such {kind}{_hint(name, names)}"))
        else:
            found += _fields(where, fields, real)
            found += _members(plan, where, fields, real, interface)
    return sorted(found)


def _hint(name: str, names: list[str]) -> str:
    near = nearest(name, names)
    return f"; did you mean {near}?" if near else ""


def _fields(where: str, fields: Mapping[str, Field], real: RealTopic) -> Iterator[Difference]:
    for name in fields.keys() - real.fields.keys():
        yield Difference(where=f"{where}.{name}", what=f"there is no such field{_hint(name, [*real.fields])}")
    for name, there in real.fields.items():
        if name not in fields:
            yield Difference(where=f"{where}.{name}", what="is missing here")
            continue
        for what, ours, theirs in _shape(fields[name], there):
            if ours != theirs:
                yield Difference(where=f"{where}.{name}", what=f"{what} is {ours} here and {theirs} there")


def _shape(ours: Field, there: RealField) -> Iterator[tuple[str, object, object]]:
    yield "type", ours.type, there.type
    yield "length", ours.length, there.length
    yield "unit", _unit(ours.unit, ours.scale), _known_unit(there.unit)


def _known_unit(spelled: str | None) -> str:
    try:
        return _unit(*unit_scale(_SPELLED.get(spelled, spelled) if spelled else None))
    except AuthorError:
        return f"{spelled}, which has no name here"


def _unit(canonical: str | None, scale: float) -> str:
    if canonical is None:
        return "none"
    return canonical if scale == 1.0 else f"{scale:g} {canonical}"


def _members(
    plan: Blueprint, where: str, fields: Mapping[str, Field], real: RealTopic, interface: Interface
) -> Iterator[Difference]:
    """Yield what is wrong with the enumerations of a topic's fields."""
    for name, ours in fields.items():
        there = real.fields.get(name)
        if there is None:
            continue
        place, carried = f"{where}.{name}", _carried(plan, real, name)
        named = ours.bits if ours.enum is None else ours.enum
        if there.enumeration is None:
            if named is not None or carried:
                yield Difference(where=place, what="nothing ties it to an enumeration there")
            continue
        if there.enumeration not in interface.enumerations:
            yield Difference(where=place, what=f"there is no enumeration {there.enumeration}")
            continue
        theirs = {_plain(member): value for member, value in interface.enumerations[there.enumeration].items()}
        if named is None and not carried:
            yield Difference(where=place, what=f"the members of {there.enumeration} are not named")
        if named is not None:
            bits = {member: value for member, value in theirs.items() if value != 0}
            yield from _same(place, named, theirs if ours.enum is not None else bits)
        for state, value in carried:
            if value not in theirs.values() or theirs.get(_plain(state), value) != value:
                yield Difference(where=place, what=f"{state} is {value} here and {_shown(theirs, state)} there")


def _same(place: str, ours: Mapping[str, int], theirs: Mapping[str, int]) -> Iterator[Difference]:
    here = {_plain(member): value for member, value in ours.items()}
    for member in ours:
        name, value = _plain(member), here[_plain(member)]
        left_out = value == 0 and 0 not in theirs.values() and name in _NOT_FILLED
        if theirs.get(name) != value and not left_out:
            yield Difference(where=place, what=f"{member} is {value} here and {_shown(theirs, member)} there")
    for member, value in theirs.items():
        if member not in here:
            yield Difference(where=place, what=f"{member} is not named here and {value} there")


def _shown(theirs: Mapping[str, int], member: str) -> str:
    value = theirs.get(_plain(member))
    return "nothing" if value is None else str(value)


def _plain(member: str) -> str:
    return member.replace("_", "").upper().removesuffix("STATE") or member


def _carried(plan: Blueprint, real: RealTopic, name: str) -> list[tuple[str, int]]:
    """Return the states of machines that publish a field, with the number of each."""
    if real.kind == "command":
        return []
    charts = [*plan.machines.values(), *([plan.summary_chart] if plan.summary_chart else [])]
    pairs = []
    for chart in charts:
        for state in chart.states:
            if chart.carrier and state.value is not None and _is_field(chart.carrier, real, name):
                pairs.append((state.name, state.value))
            pairs += [
                (state.name, value)
                for key, value in state.publishes
                if _is_field(key, real, name) and isinstance(value, int) and not isinstance(value, bool)
            ]
    return pairs


def _is_field(key: str, real: RealTopic, name: str) -> bool:
    carrier = Carrier.of(key)
    return (carrier.topic, carrier.field) == (real.name, name)
