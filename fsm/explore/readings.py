"""What names mean in a situation: conditions are judged over places, and over what is no place.

A name that stands for a few places may have, for each of their values, one value or several; a name that stands for
none may have whatever it is said to have. Where the values can be listed each is tried by itself, so that two guards
that read the same name read the same value.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from fsm.conditions import Condition, Expression, Name, Possible, View, exactly, judge
from fsm.explore.system import Check, Situation

__all__ = ["Overlay", "Reader", "Reading", "Sight", "check_of"]

_LISTED = 8
"""So many values of one name are tried one by one."""
_CASES = 256
"""So many combinations of such values are tried; beyond, they are judged together."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a name stands for.

    Attributes
    ----------
    looks
        The places that it looks at, by number.
    possible
        Given their values, what the name may be; of a group, what each member may be.
    """

    looks: tuple[int, ...]
    possible: Callable[[Situation], Possible | Mapping[Name, Possible]]

    @classmethod
    def always(cls, value: Possible) -> Reading:
        """Return the reading of what is no place."""
        return cls((), lambda _: value)


Reader: TypeAlias = "Callable[[Name], Reading]"


class Overlay:
    """A view of which more is known.

    Parameters
    ----------
    view
        What was known before.
    known
        What is known now.
    """

    __slots__ = ("_known", "_view")

    def __init__(self, view: View, known: Mapping[Name, Possible]) -> None:
        self._view = view
        self._known = known

    def possible(self, name: Name) -> Possible | Mapping[Name, Possible]:
        """Return what a name may be."""
        found = self._known.get(name)
        return self._view.possible(name) if found is None else found


class _Seen:
    """The names that a sight has read."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[Name, Possible | Mapping[Name, Possible]]) -> None:
        self._values = values

    def possible(self, name: Name) -> Possible | Mapping[Name, Possible]:
        """Return what a name may be."""
        return self._values[name]


class Sight:
    """Reads some names in any situation.

    Parameters
    ----------
    read
        What names stand for.
    conditions
        Whose names are read.
    """

    def __init__(self, read: Reader, conditions: Iterable[Condition | Expression]) -> None:
        names = sorted({name for condition in conditions for name in condition.names}, key=str)
        self._readings = {name: read(name) for name in names}
        self.looks = tuple(sorted({place for reading in self._readings.values() for place in reading.looks}))

    def cases(self, values: Mapping[int, int]) -> Iterator[View]:
        """Yield what may be seen where places have these values, as views each of which is certain as far as it can be.

        Parameters
        ----------
        values
            For each place the number of its value.
        """
        seen = {
            name: reading.possible(tuple(values[place] for place in reading.looks))
            for name, reading in self._readings.items()
        }
        lists = {name: each for name, value in seen.items() if (each := _listed(value)) is not None}
        if not lists or math.prod(map(len, lists.values())) > _CASES:
            yield _Seen(seen)
            return
        for chosen in itertools.product(*lists.values()):
            yield _Seen(seen | dict(zip(lists, chosen, strict=True)))


def _listed(value: Possible | Mapping[Name, Possible]) -> list[Possible] | None:
    """Return the values of a name one by one; None if it has one only, or they cannot be listed."""
    if isinstance(value, Mapping) or value.values is None:
        return None
    size = len(value.values) + value.unknown
    if not 1 < size <= _LISTED:
        return None
    each = [exactly(one) for one in sorted(value.values, key=str)]
    return [*each, Possible(frozenset(), unknown=True)] if value.unknown else each


def check_of(name: str, condition: Condition, read: Reader) -> Check:
    """Return a condition as a check.

    It is broken where it is false, and open where it may be false because of something that is no place. Unknown is
    not false.
    """
    sight = Sight(read, [condition])

    def holds(situation: Situation) -> bool | None:
        cases = list(sight.cases(dict(zip(sight.looks, situation, strict=True))))
        truths = [judge(condition, view) for view in cases]
        if all(False not in each for each in truths):
            return True
        return False if all(each == {False} for each in truths) else None

    return Check(name, sight.looks, holds)
