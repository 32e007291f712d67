"""From many situations to all that may follow each of them: one action, and what it sets off, to completion.

Situations that wait for the same triggers go on together.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import numpy as np

from fsm.explore.encoding import Codes, Encoding
from fsm.explore.system import Decision, Mark, Situation, System
from fsm.explore.tables import CheckTable, Sources, WayTable
from fsm.explore.visited import distinct

__all__ = ["Followers", "Restless", "Stepper"]

MOST_TRIGGERS = 200
"""More triggers than these in one reaction: it never comes to rest."""


class Restless(ValueError):
    """What is emitted emits again, without end."""


class Followers(NamedTuple):
    """What follows an action.

    Attributes
    ----------
    action
        The action, by number.
    codes
        Situations in which everything has come to rest.
    sources
        For each the number of the situation in which the action was taken.
    """

    action: int
    codes: Codes
    sources: Sources


_Queue: TypeAlias = "tuple[tuple[int, ...], tuple[int, ...]]"
"""Triggers that wait, by number: those of now, and those for when all has come to rest."""
_Pile: TypeAlias = "dict[_Queue, list[tuple[Codes, Sources]]]"


class Stepper:
    """Takes actions in many situations at once.

    Parameters
    ----------
    system
        What may happen.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self.encoding = Encoding(system.places)
        self._triggers = list(system.reactions)
        self._numbers = {trigger: number for number, trigger in enumerate(self._triggers)}
        self._thens: list[tuple[tuple[int, ...], tuple[int, ...], bool]] = []
        self._then_numbers: dict[tuple[tuple[int, ...], tuple[int, ...], bool], int] = {}
        self._actions = [WayTable(self.encoding, action.decision, self._number) for action in system.actions]
        self._assumed = [CheckTable(self.encoding, check) for check in system.assumed]
        self._reactions = [
            [WayTable(self.encoding, decision, self._number) for decision in system.reactions[trigger]]
            for trigger in self._triggers
        ]

    def _believed(self, codes: Codes, sources: Sources) -> tuple[Codes, Sources]:
        """Leave out what is known not to be."""
        for table in self._assumed:
            wrong = table.verdicts(codes) == CheckTable.BROKEN
            if wrong.any():
                codes, sources = codes[~wrong], sources[~wrong]
        return codes, sources

    def _number(self, emits: tuple[str, ...], afterwards: tuple[str, ...], stops: bool) -> int:
        """Give what is left to be done a number; triggers that nothing reacts to are left out."""
        numbers = self._numbers
        then = (
            tuple(numbers[each] for each in emits if each in numbers),
            tuple(numbers[each] for each in afterwards if each in numbers),
            stops,
        )
        if then not in self._then_numbers:
            self._then_numbers[then] = len(self._thens)
            self._thens.append(then)
        return self._then_numbers[then]

    def starts(self) -> Codes:
        """Return the situations in which it may begin, at rest."""
        found: list[Codes] = []
        for situation, triggers in self.system.starts:
            code = np.array([self.encoding.pack(situation)], np.int64)
            queue = tuple(self._numbers[each] for each in triggers if each in self._numbers)
            found += [codes for codes, _ in self._complete({(queue, ()): [(code, np.zeros(1, np.int32))]})]
        return distinct(np.concatenate(found))

    def followers(self, codes: Codes, kinds: frozenset[str] | None = None) -> Iterator[Followers]:
        """Yield what follows each action, of all kinds or of some, in any of many situations."""
        here = np.arange(len(codes), dtype=np.int32)
        for number, table in enumerate(self._actions):
            if kinds is not None and self.system.actions[number].kind not in kinds:
                continue
            pile: _Pile = {}
            for step in table.steps(codes, here):
                emits, afterwards, _ = self._thens[step.then]
                pile.setdefault((emits, afterwards), []).append((step.codes, step.sources))
            for rest in self._complete(pile):
                yield Followers(number, *self._believed(*rest))

    def _complete(self, pile: _Pile) -> Iterator[tuple[Codes, Sources]]:
        """Give what waits, until nothing does."""
        for _ in range(MOST_TRIGGERS):
            if not pile:
                return
            following: _Pile = {}
            for (now, later), parts in pile.items():
                codes, sources = _joined(parts)
                if not now and later:
                    now, later = later[:1], later[1:]
                if not now:
                    yield codes, sources
                    continue
                self._give(now[0], (now[1:], later), codes, sources, following)
            pile = following
        waiting = next(iter(pile))[0]
        raise Restless(
            f"never comes to rest: {' and '.join(self._triggers[each] for each in waiting[:5])} follow again"
        )

    def _give(self, trigger: int, rest: _Queue, codes: Codes, sources: Sources, following: _Pile) -> None:
        """Give a trigger to each decision that reacts to it, one after the other."""
        live: _Pile = {rest: [(codes, sources)]}
        for table in self._reactions[trigger]:
            seen: _Pile = {}
            for (now, later), parts in live.items():
                for step in table.steps(*_joined(parts)):
                    emits, afterwards, stops = self._thens[step.then]
                    pile = following if stops else seen
                    pile.setdefault((now + emits, later + afterwards), []).append((step.codes, step.sources))
            live = seen
        for queue, parts in live.items():
            following.setdefault(queue, []).extend(parts)

    def given(self) -> set[str]:
        """Return the triggers that were given to whatever reacts to them."""
        tables = zip(self._triggers, self._reactions, strict=True)
        return {trigger for trigger, [first, *_] in tables if any(True for _ in first.lookup.seen())}

    def seen(self) -> Iterator[tuple[Decision, Situation]]:
        """Yield what each reaction has seen: the values of the places that it looks at."""
        for tables in self._reactions:
            for table in tables:
                for situation in table.lookup.seen():
                    yield table.decision, situation

    def marks(self) -> set[Mark]:
        """Return what was noted on all ways that were gone."""
        tables = [*self._actions, *(table for tables in self._reactions for table in tables)]
        return {mark for table in tables for mark in table.marks()}


def _joined(parts: list[tuple[Codes, Sources]]) -> tuple[Codes, Sources]:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([codes for codes, _ in parts]), np.concatenate([sources for _, sources in parts])
