"""Who wants telemetry: a broker does not tell who listens, so that those who do say so, and for how long."""

from __future__ import annotations

import math
from dataclasses import dataclass

import orjson

from csc.bus.mqtt.wire import Message
from csc.fields import shown

__all__ = ["DEFAULT_LEASE", "RENEW_EVERY", "Demands", "demand"]

DEFAULT_LEASE = 60.0
"""How long a demand lasts if it does not say [s, real]."""
RENEW_EVERY = 20.0
"""When who goes on listening says so again [s, real]."""
_LONGEST_LEASE = 3600.0
_INSTANT = 1e-6
_CADENCES = 20  # of one topic, at most
_LONGEST = 32  # characters of a time between samples

Key = tuple[str, str]


def demand(topic: str) -> Message:
    """Return what says, under a topic for it, that telemetry is wanted."""
    return Message(topic, orjson.dumps({"lease": DEFAULT_LEASE}))


@dataclass(slots=True)
class _Demand:
    """One cadence of one topic that somebody wants."""

    ends: float
    period: float
    due: float = -math.inf


class Demands:
    """The telemetry that is wanted, by component and topic."""

    def __init__(self) -> None:
        self._wanted: dict[Key, dict[str, _Demand]] = {}

    def note(self, key: Key, every: str, lease: object, now: float) -> bool:
        """Take a demand; tell whether it is new, and not a longer lease of one that is there.

        Parameters
        ----------
        key
            Component and topic.
        every
            Time [s, simulated] between samples, as the topic has it; nothing for the data sheet's.
        lease
            How long it lasts [s, real].
        now
            Present time [s, real].

        Raises
        ------
        ValueError
            If a time is none; says which.
        """
        if len(every) > _LONGEST:
            raise ValueError(f"the time between samples has {len(every)} characters; at most {_LONGEST} are read")
        period = _seconds(every, "the time between samples") if every else 0.0
        length = min(_seconds(lease, "lease"), _LONGEST_LEASE)
        demands = self._wanted.setdefault(key, {})
        found = demands.get(every)
        if found is not None:
            found.ends = max(found.ends, now + length)
            return False
        if len(demands) >= _CADENCES:
            raise ValueError(f"{_CADENCES} times between samples are asked for already: {', '.join(map(str, demands))}")
        demands[every] = _Demand(now + length, period)
        return True

    def due(self, key: Key, t: float, now: float) -> tuple[list[str], int]:
        """Return the slower cadences for which a sample is due, and how many demands have ended.

        Parameters
        ----------
        key
            Component and topic.
        t
            Time of the sample [s, simulated].
        now
            Present time [s, real].
        """
        demands = self._wanted.get(key)
        if not demands:
            return [], 0
        ended = [every for every, demand in demands.items() if demand.ends < now]
        for every in ended:
            del demands[every]
        found = []
        for every, demand in demands.items():
            if demand.period and t >= demand.due - _INSTANT:
                demand.due = (math.floor(t / demand.period + _INSTANT) + 1) * demand.period
                found.append(every)
        return found, len(ended)


def _seconds(value: object, what: str) -> float:
    try:
        seconds = float(value)  # type: ignore[arg-type]  # whatever somebody sent
    except (TypeError, ValueError):
        seconds = math.nan
    if not 0.0 < seconds < math.inf or isinstance(value, bool):
        raise ValueError(f"{what} is {shown(value)}; a time in seconds above 0 is expected")
    return seconds
