"""Where situations meet: at each place those that were met, and which of them have yet to be looked at.

A situation at a place where a similar one has been is joined with it, and looked at again only if that tells something
new. Values that grow again and again are widened, so this comes to an end.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

from procedures.checking.situation import Situation

__all__ = ["Meeting"]

VARIANTS = 300
"""So many situations of one place are told apart; further ones are joined with the first."""
PATIENCE = 4
"""After so many joins a situation is widened."""


@dataclass(slots=True, order=True)
class _Node:
    """A situation that was met, and how often it has grown; what was met first is looked at first."""

    number: tuple[bool, int]
    situation: Situation = field(compare=False)
    joins: int = 0
    queued: bool = False
    gone: bool = False


class Meeting:
    """The situations that were met.

    Parameters
    ----------
    grown
        Is told of a situation that has grown.
    """

    def __init__(self, grown: Callable[[Situation], object]) -> None:
        self._grown = grown
        self._met: dict[tuple[object, ...], list[_Node]] = {}
        self._queue: list[_Node] = []
        self._number = 0

    def add(self, situation: Situation) -> None:
        """Put a situation among the others; it will be looked at if it tells something new."""
        known = self._met.setdefault(situation.place, [])
        last = situation.is_last
        node = next((each for each in known if last or each.situation.is_like(situation)), None)
        if node is None and len(known) >= VARIANTS:
            node = known[0]
        if node is None:
            self._number += 1
            known.append(node := _Node((last, self._number), situation))
            self._enqueue(node)
            return
        node.joins += 1
        if node.situation.join(situation, widen=node.joins > PATIENCE):
            self._grown(node.situation)
            self._swallow(node, known)
            self._enqueue(node)

    def next(self) -> Situation | None:
        """Return the next situation to be looked at; None if there is none."""
        while self._queue:
            node = heapq.heappop(self._queue)
            node.queued = False
            if not node.gone:
                return node.situation
        return None

    @staticmethod
    def _swallow(node: _Node, known: list[_Node]) -> None:
        """Join others with one that has grown, if they are alike by now."""
        for other in [each for each in known if each is not node and each.situation.is_like(node.situation)]:
            node.situation.join(other.situation, widen=False)
            known.remove(other)
            other.gone = True

    def _enqueue(self, node: _Node) -> None:
        if not node.queued:
            node.queued = True
            heapq.heappush(self._queue, node)
