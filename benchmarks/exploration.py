"""How fast situations are reached: a dome with all of its faults, whole fronts at a time and one by one."""

from __future__ import annotations

from functools import cache

from benchmarks.measure import rate
from fsm.explore import System

__all__ = ["EXPLORERS", "speed"]

EXPLORERS = ("cscsim", "plain Python")


@cache
def _dome() -> System:
    from csc import load_catalogue
    from csc.exploration import Part
    from csc.exploration.composing import Composition

    catalogue = load_catalogue()
    plan = catalogue["ATDome"]
    return Composition([Part(name="ATDome", plan=plan, faults=tuple(plan.faults))], catalogue).system()


def speed(explorer: str) -> float:
    """Return situations per CPU second; tables of guards are made before, by a first look."""
    from fsm.explore import explore
    from tests.fsm.explorer import explore_plainly

    if explorer == "cscsim":
        return rate(lambda count: len(explore(_dome(), limit=count)), 1_000_000)
    return rate(lambda count: len(explore_plainly(_dome(), count).depths), 40_000)
