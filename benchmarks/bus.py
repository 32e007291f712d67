"""Command and acknowledgement on the memory bus: the bus alone, and a whole component with its journal."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from csc import Ack, AckCode, Bus, MemoryBus, Observatory, ObservatorySheet, Remote
from csc.messages import CommandMessage
from fsm import Clock, Journal, simulate

__all__ = ["Echo", "round_trips", "round_trips_of_a_component"]

COUNT = 20_000


class Echo:
    """Answers every command at once."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def receive(self, message: CommandMessage) -> None:
        """Answer."""
        self._bus.acknowledge(message, Ack(AckCode.COMPLETE, 0, "Done"))

    def cadence(self, topic: str) -> float | None:
        """Tell that nothing is said regularly."""
        return None

    def sample(self, topic: str) -> Mapping[str, Any] | None:
        """Tell that nothing is measured."""
        return None

    def revision(self, topic: str) -> str:
        """Tell that topics have none."""
        return ""


async def _measure(remote: Remote, command: str, **fields: Any) -> float:
    for _ in range(500):
        await remote.command(command, **fields)
    started = time.process_time()
    for _ in range(COUNT):
        await remote.command(command, **fields)
    return COUNT / (time.process_time() - started)


def round_trips() -> float:
    """Return round trips per CPU second over the bus, journal included, to an endpoint that only answers."""

    async def main(clock: Clock) -> float:
        bus = MemoryBus(clock, Journal(lambda: clock.now, keep=False))
        bus.attach("Echo", Echo(bus))
        return await _measure(Remote(bus, clock, "Echo", "benchmark"), "echo", value=3.0)

    return simulate(main)


def round_trips_of_a_component() -> float:
    """Return round trips per CPU second of a real command: ATDome.stopMotion, checked and carried out."""

    async def main(clock: Clock) -> float:
        sheet = ObservatorySheet.model_validate(
            {
                "observatory": "one",
                "title": "one",
                "start": "2026-01-15T13:00:00",
                "components": {"ATDomeTrajectory": {"state": "ENABLED"}},
            }
        )
        async with Observatory(sheet, clock, Journal(lambda: clock.now, keep=False)) as observatory:
            remote = observatory.remote("ATDomeTrajectory", "benchmark")
            return await _measure(remote, "setFollowingMode", enable=False)

    return simulate(main)
