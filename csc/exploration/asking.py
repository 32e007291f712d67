"""An invariant that somebody asks for, held against everything that was reached.

It may name components that were explored apart. Each of these goes its own way, so that whatever one can be comes
about together with whatever the others can be: it is enough to combine what the condition looks at, situation by
situation, and nobody has to enumerate all of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from csc.exploration.inquiry import Inquiry
from csc.exploration.names import own
from fsm import Condition, Name
from fsm.conditions import UNKNOWN, Possible, judge
from fsm.explore import Reading, Situation

__all__ = ["Answer", "hold", "names_asked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was found of an invariant.

    Attributes
    ----------
    verdict
        ``holds``, ``broken``, or ``open`` if it hangs on something that only a behaviour computes.
    exhausted
        Whether everything was looked at.
    seen
        What was the case where it is broken.
    trace
        The shortest way there.
    """

    condition: str
    verdict: str
    exhausted: bool
    seen: str = ""
    trace: tuple[str, ...] = ()


def names_asked(conditions: Iterable[Condition], groups: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """Return what conditions ask about, as component and what of it."""
    found: dict[tuple[str, str], None] = {}
    for condition in conditions:
        for name in condition.names:
            found |= dict.fromkeys(_members(name, groups))
    return list(found)


def _members(name: Name, groups: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    if len(name.parts) == 1 and name.parts[0] in groups:
        return [(member, "summary") for member in groups[name.parts[0]]]
    return [(name.parts[0], name.parts[1] if len(name.parts) > 1 else "summary")]


def hold(condition: Condition, inquiries: Sequence[Inquiry], groups: Mapping[str, tuple[str, ...]]) -> Answer:
    """Hold a condition against everything that was reached.

    Parameters
    ----------
    inquiries
        Explorations, apart from each other, of all components that the condition names.
    groups
        Members of each group that it may name.
    """
    readings = {name: [_reading(inquiries, *each) for each in _members(name, groups)] for name in condition.names}
    used = sorted({number for each in readings.values() for number, _ in each if number is not None})
    views = [_Projected(inquiries[number], _looks(readings, number)) for number in used]
    exhausted = all(inquiries[number].explored.exhausted for number in used)
    broken: tuple[int, tuple[Situation, ...]] | None = None
    is_open = False
    for combination in itertools.product(*(view.situations for view in views)):
        truths = judge(condition, _View(readings, groups, dict(zip(used, combination, strict=True)), views, used))
        if truths == {False}:
            depth = sum(view.situations[each][0] for view, each in zip(views, combination, strict=True))
            if broken is None or depth < broken[0]:
                broken = depth, combination
        is_open = is_open or False in truths
    if broken is None:
        return Answer(condition=str(condition), verdict="open" if is_open else "holds", exhausted=exhausted)
    codes = [view.situations[each][1] for view, each in zip(views, broken[1], strict=True)]
    return Answer(
        condition=str(condition),
        verdict="broken",
        exhausted=exhausted,
        seen="; ".join(inquiries[number].told(code) for number, code in zip(used, codes, strict=True)),
        trace=tuple(line for number, code in zip(used, codes, strict=True) for line in inquiries[number].trace(code)),
    )


def _reading(inquiries: Sequence[Inquiry], component: str, what: str) -> tuple[int | None, Reading]:
    for number, inquiry in enumerate(inquiries):
        for part in inquiry.parts:
            if component in (part.name, *part.plan.aliases):
                return number, own(inquiry.composition.layout, part, what)
    return None, Reading.always(UNKNOWN)


def _looks(readings: Mapping[Name, Sequence[tuple[int | None, Reading]]], inquiry: int) -> tuple[int, ...]:
    found = {
        place for each in readings.values() for number, reading in each if number == inquiry for place in reading.looks
    }
    return tuple(sorted(found))


class _Projected:
    """What an exploration has reached, as far as some places go: how soon, and one situation of each kind."""

    def __init__(self, inquiry: Inquiry, looks: tuple[int, ...]) -> None:
        self.looks = looks
        self.situations: dict[Situation, tuple[int, int]] = {}
        encoding = inquiry.explored.encoding
        for depth, level in enumerate(inquiry.explored.levels):
            kinds, first = np.unique(level & encoding.mask(looks), return_index=True)
            for kind, index in zip(kinds.tolist(), first.tolist(), strict=True):
                values = encoding.unpack(kind)
                self.situations.setdefault(tuple(values[place] for place in looks), (depth, int(level[index])))


class _View:
    def __init__(
        self,
        readings: Mapping[Name, Sequence[tuple[int | None, Reading]]],
        groups: Mapping[str, tuple[str, ...]],
        situations: Mapping[int, Situation],
        views: Sequence[_Projected],
        used: Sequence[int],
    ) -> None:
        self._readings = readings
        self._groups = groups
        self._values = {
            number: dict(zip(view.looks, situations[number], strict=True))
            for number, view in zip(used, views, strict=True)
        }

    def possible(self, name: Name) -> Possible | Mapping[Name, Possible]:
        """Return what a name may be."""
        found = [self._one(*each) for each in self._readings[name]]
        if len(name.parts) == 1 and name.parts[0] in self._groups:
            return {Name((member,)): value for member, value in zip(self._groups[name.parts[0]], found, strict=True)}
        return found[0]

    def _one(self, number: int | None, reading: Reading) -> Possible:
        values = {} if number is None else self._values[number]
        found = reading.possible(tuple(values[place] for place in reading.looks))
        return found if isinstance(found, Possible) else UNKNOWN
