"""From which situations a goal can be reached by actions of some kinds.

Found backwards from the goal, by looking forward again and again from those situations of which it is not known yet:
most lead there at once, and what is left grows small.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fsm.explore.search import CHUNK, Explored

__all__ = ["leading_to"]

Mask = npt.NDArray[np.bool_]
"""For each of `Explored.visited`, whether it is meant; shape (n,)."""


def leading_to(explored: Explored, goal: Mask, kinds: frozenset[str]) -> Mask:
    """Say from which situations actions of some kinds can lead to a goal, however many it takes.

    Parameters
    ----------
    explored
        An exploration that has exhausted the system.
    goal
        The situations that are wanted.
    kinds
        The kinds of actions that may be taken.

    Raises
    ------
    ValueError
        If the exploration was cut off: where it ended, nothing is known.
    """
    if not explored.exhausted:
        raise ValueError("the exploration was cut off; ways back can only be found in a whole one")
    everything = explored.visited
    known = goal.copy()
    left = np.flatnonzero(~known)
    while len(left):
        before = len(left)
        still: list[npt.NDArray[np.intp]] = []
        for begin in range(0, len(left), CHUNK):
            some = left[begin : begin + CHUNK]
            leads = np.zeros(len(some), np.bool_)
            for each in explored.stepper.followers(everything[some], kinds):
                ask = np.flatnonzero(~leads[each.sources])
                if len(ask):
                    places = np.searchsorted(everything, explored.symmetry.ordered(each.codes[ask]))
                    leads[each.sources[ask[known[places]]]] = True
            known[some[leads]] = True
            still.append(some[~leads])
        left = np.concatenate(still)
        if len(left) == before:
            break
    return known
