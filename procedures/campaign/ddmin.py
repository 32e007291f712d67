"""Delta debugging: the smallest part of a list that still has a property.

The algorithm is `ddmin` of Zeller and Hildebrandt. What it returns is 1-minimal: without any one of its items the
property is lost.

References
----------
A. Zeller, R. Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE Trans. Softw. Eng. 28 (2002) 183.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

__all__ = ["smallest_part"]

Item = TypeVar("Item")


def smallest_part(
    items: Sequence[Item], first: Callable[[Sequence[tuple[Item, ...]]], tuple[Item, ...] | None]
) -> tuple[Item, ...]:
    """Return a smallest part of a list, in its order; the whole has the property.

    Parameters
    ----------
    first
        Returns the first of several parts that has the property; None if no part has.

    >>> smallest_part(range(8), lambda parts: next((part for part in parts if {2, 5} <= set(part)), None))
    (2, 5)
    """
    left, pieces = tuple(items), 2
    while len(left) > 1:
        bounds = [len(left) * number // pieces for number in range(pieces + 1)]
        parts = [left[low:high] for low, high in pairwise(bounds)]
        others = [left[:low] + left[high:] for low, high in pairwise(bounds)]
        found = first(list(dict.fromkeys((*parts, *others))))
        if found is not None:
            pieces = 2 if found in parts else max(pieces - 1, 2)
            left = found
        elif pieces == len(left):
            break
        else:
            pieces = min(2 * pieces, len(left))
    return left
