"""The weekly calibrations, or shorter ones, over whatever bus; and what came of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache, partial

from csc import Bus, MemoryBus
from csc.bus.mqtt.address import Address
from csc.bus.mqtt.bus import MqttBus
from csc.bus.mqtt.link import Unreachable
from cscsim.locate import open_site
from fsm import Clock, Journal
from procedures import Rehearsal, Report, rehearse

__all__ = ["in_memory", "over", "weekly"]

_PATIENCE = 20.0  # [s, real]


def weekly(make_bus: Callable[[Clock, Journal], Bus], procedure: str = "weekly") -> Report:
    """Rehearse them."""
    site = open_site("auxtel")
    rehearsal = Rehearsal(
        procedure=site.procedure(procedure),
        library=site.library,
        blocks=site.blocks,
        observatory=site.sheet,
        seed=1,
        make_bus=make_bus,
    )
    return rehearse(rehearsal)


@cache
def in_memory(procedure: str = "weekly") -> Report:
    """Return what comes of them on the bus in process."""
    return weekly(MemoryBus, procedure)


def over(address: Address, procedure: str = "weekly") -> Report:
    """Rehearse them over a broker."""
    return weekly(partial(_bus, address=address), procedure)


def _bus(clock: Clock, journal: Journal, address: Address) -> MqttBus:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return MqttBus(clock, journal, address)
        except Unreachable:  # it may be just then that the broker is not there
            if time.monotonic() > deadline:
                raise
