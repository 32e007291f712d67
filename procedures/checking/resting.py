"""Time that passes: as long as something takes, or until telemetry has been sampled."""

from __future__ import annotations

import math

from csc.foresight import Member, Span, sends
from fsm import Name
from procedures.checking.explorer import Explorer
from procedures.checking.frame import Frame
from procedures.checking.situation import Situation
from procedures.checking.waits import ForTime

__all__ = ["BACKGROUND", "Sample", "in_background", "rest", "sampled"]

BACKGROUND = "&"
"""What the name of a background thread has in it, between its procedure and its task."""


def in_background(thread: str) -> bool:
    """Tell whether a thread is that of a background step."""
    return BACKGROUND in thread


def rest(explorer: Explorer, situation: Situation, thread: str, span: Span) -> Situation:
    """Let a thread wait for a time, which may be over at any moment if it has no end.

    In the background it is over at once: nobody but the step that joins it can tell when it is over.
    """
    endless = math.isinf(span.high)
    if span.high <= 0.0 or (endless and in_background(thread)):
        return situation
    if not endless:
        situation.world.alarms[f"{thread}:over"] = span
    return situation.wait(thread, explorer.make(ForTime, endless))


class Sample:
    """Telemetry that carries some names is sampled before they are looked at; what nobody sends is waited for in vain.

    Parameters
    ----------
    frame
        The procedure that asks.
    names
        The names; others than those that are sampled take no time.
    """

    def __init__(self, frame: Frame, names: frozenset[Name]) -> None:
        self._frame = frame
        self._names = names

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Wait for the samples."""
        return [rest(explorer, situation, thread, Span(0.0, self._longest(explorer, situation)))]

    def _longest(self, explorer: Explorer, situation: Situation) -> float:
        """Return how long that may take [s]: a cadence, or two of them in vain."""
        longest = 0.0
        for name in self._names:
            found = _carried(explorer, name)
            if found is not None:
                member, topic = found
                cadence = member.plan.topics[topic].cadence or 0.0
                certain = not sends(explorer.cast, situation.world, member.name, topic).unknown
                longest = max(longest, cadence if certain else 2 * cadence)
        return longest


def sampled(explorer: Explorer, frame: Frame, names: frozenset[Name]) -> list[Sample]:
    """Return the sampling that comes before some names are looked at, if there is any."""
    return [explorer.make(Sample, frame, names)] if any(_carried(explorer, name) for name in names) else []


def _carried(explorer: Explorer, name: Name) -> tuple[Member, str] | None:
    """Return the component and the sampled topic that carry a name; None if it is not sampled."""
    member = explorer.member(name.parts[0]) if name.function is None and len(name.parts) == 2 else None
    output = None if member is None else member.plan.outputs.get(name.parts[1])
    if member is None or output is None or not output.topics:
        return None
    topic = output.topics[0][0]
    return (member, topic) if member.plan.topics[topic].cadence else None
