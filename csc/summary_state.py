"""SAL's summary states, acknowledgement codes and generic topics.

References
----------
lsst-ts/ts_salobj: python/lsst/ts/salobj/base_csc.py, base.py; lsst-ts/ts_xml: SALGenerics.xml
"""

from __future__ import annotations

import enum

__all__ = ["AckCode", "SummaryState", "path_between"]


class SummaryState(enum.IntEnum):
    """The summary states with SAL's numbers."""

    DISABLED = 1
    ENABLED = 2
    FAULT = 3
    OFFLINE = 4
    STANDBY = 5

    def as_sal(self) -> str:
        """Write the state as SAL's texts do."""
        return f"<State.{self.name}: {self.value}>"


class AckCode(enum.IntEnum):
    """What an acknowledgement says."""

    ACK = 300
    INPROGRESS = 301
    STALLED = 302
    COMPLETE = 303
    NOPERM = -300
    NOACK = -301
    FAILED = -302
    ABORTED = -303
    TIMEOUT = -304

    @property
    def is_final(self) -> bool:
        """Whether nothing follows it."""
        return self not in (AckCode.ACK, AckCode.INPROGRESS)

    @property
    def is_failure(self) -> bool:
        """Whether the command did not do what it should."""
        return self.is_final and self is not AckCode.COMPLETE


_CHAIN = (SummaryState.OFFLINE, SummaryState.STANDBY, SummaryState.DISABLED, SummaryState.ENABLED)
_UP = ("enterControl", "start", "enable")
_DOWN = ("exitControl", "standby", "disable")


def path_between(present: SummaryState, target: SummaryState) -> tuple[tuple[str, SummaryState], ...]:
    """Return the shortest way from one summary state to another.

    Returns
    -------
    tuple of (command, state it leads to)

    Raises
    ------
    ValueError
        If the target is FAULT, where no command leads.
    """
    if target is SummaryState.FAULT:
        raise ValueError("no command leads to FAULT")
    steps: list[tuple[str, SummaryState]] = []
    if present is SummaryState.FAULT:
        steps.append(("standby", SummaryState.STANDBY))
        present = SummaryState.STANDBY
    here, there = _CHAIN.index(present), _CHAIN.index(target)
    while here < there:
        steps.append((_UP[here], _CHAIN[here + 1]))
        here += 1
    while here > there:
        here -= 1
        steps.append((_DOWN[here], _CHAIN[here]))
    return tuple(steps)
