"""The faults that are active in one run, each with a number that stays its own."""

from __future__ import annotations

from typing import Any

from csc import Observatory
from csc.faults import ActiveFault

__all__ = ["FaultList"]


class FaultList:
    """Numbers the active faults of an observatory.

    Parameters
    ----------
    observatory
        Where.
    """

    def __init__(self, observatory: Observatory) -> None:
        self._observatory = observatory
        self._numbers: dict[int, tuple[int, float, str]] = {}
        self._kept: list[ActiveFault] = []
        self._count = 0
        self.origin = "scenario"
        """Who lets the faults happen that are found now."""

    def look(self) -> dict[int, tuple[str, ActiveFault]]:
        """Return the active faults by number: whose each is, and it."""
        found: dict[int, tuple[str, ActiveFault]] = {}
        here = []
        for name, component in self._observatory.components.items():
            for fault in component.faults.active:
                here.append(fault)
                if id(fault) not in self._numbers:
                    self._count += 1
                    self._numbers[id(fault)] = (self._count, round(self._observatory.clock.now, 3), self.origin)
                found[self._numbers[id(fault)][0]] = (name, fault)
        gone = {id(fault) for fault in self._kept} - {id(fault) for fault in here}
        for each in gone:
            self._numbers.pop(each, None)
        self._kept = here  # an object that is kept leaves its id to no other
        return found

    def facts(self, fault: ActiveFault) -> dict[str, Any]:
        """Return since when a fault is there [s], and from whom."""
        _, since, origin = self._numbers[id(fault)]
        return {"since": since, "from": origin}
