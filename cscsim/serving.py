"""An observatory that runs as a service: on a broker, in a time of its own, until somebody ends it."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from csc import Observatory, ObservatorySheet
from csc.bus.mqtt import Address
from csc.bus.mqtt.bus import MqttBus
from csc.latiss.images import ImageStore
from cscsim.broker import join_broker
from cscsim.ending import Ending
from cscsim.injecting import FaultDesk
from cscsim.locate import Site
from fsm import Clock, Journal, OperatorError, Record, simulate
from procedures import YesAsker
from procedures.frame import Stage

__all__ = ["Attendant", "Service", "serve"]

WHO = "service"
_TELL_TIME_EVERY = 10.0  # [s, real]


class Attendant(Protocol):
    """Somebody who watches a service."""

    def begin(self, observatory: Observatory) -> None:
        """Learn that it has begun."""

    def see(self, record: Record) -> None:
        """See a record of the journal as it is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What is served, and how.

    Attributes
    ----------
    sheet
        The observatory as it begins.
    address
        Of the broker.
    speed
        Simulated seconds a second.
    allows_faults
        Whether others may inject faults.
    journal
        File to write the journal to.
    """

    site: Site
    sheet: ObservatorySheet
    address: Address
    speed: float
    seed: int = 0
    allows_faults: bool = False
    journal: Path | None = None

    @property
    def circumstances(self) -> Mapping[str, Any]:
        """What the journal begins with."""
        return {
            "procedure": None,
            "observatory": self.sheet.observatory,
            "parameter_set": self.sheet.parameter_set,
            "seed": self.seed,
            "config": {},
            "scenario": None,
            "faults": [],
        }


def serve(service: Service, attendant: Attendant, ending: Ending | None = None) -> None:
    """Serve an observatory until Ctrl-C or SIGTERM, or until something else ends it.

    Raises
    ------
    OperatorError
        If the broker cannot be reached, has such an observatory already, or is away in the end.
    """
    ending = ending or Ending()

    async def main(clock: Clock) -> None:
        with Journal(lambda: clock.now, path=service.journal, keep=False) as journal:
            await _serve(service, attendant, ending, clock, journal)

    try:
        simulate(main, speed=service.speed, tai_start=service.sheet.tai_start)
    except OperatorError:
        if not ending.cut_short:
            raise
    if ending.cut_short:
        kept = "" if service.journal is None else f"; {service.journal} is complete"
        raise OperatorError(f"{service.address}: {ending.cut_short}: what was said last has not reached it{kept}")


async def _serve(service: Service, attendant: Attendant, ending: Ending, clock: Clock, journal: Journal) -> None:
    journal.write("run", WHO, **service.circumstances)
    site, sheet = service.site, service.sheet
    images = ImageStore()
    clock.loop.expects_outside = True
    async with Observatory(
        sheet,
        clock,
        journal,
        seed=service.seed,
        services={"images": images, "scripts": site.library, "blocks": site.blocks},
        make_bus=join_broker(service.address, sheet, _senders(site)),
    ) as observatory:
        bus = observatory.bus
        if not isinstance(bus, MqttBus):  # pragma: no cover  # it was made just now
            raise TypeError(f"expected an MqttBus, got {type(bus).__name__}")
        site.library.stage = Stage(observatory=observatory, library=site.library, images=images, asker=YesAsker())
        if service.allows_faults:
            bus.inject = FaultDesk(observatory, site.truth).act
        ending.on_loss, ending.on_wish = bus.give_up, bus.hurry
        try:
            with _told_to_end(ending):
                journal.listen(attendant.see)
                telling = clock.loop.create_task(_tell_time(bus, service.speed, ending.is_due), name="tell the time")
                attendant.begin(observatory)
                await telling
        finally:
            journal.write("end", WHO, **ending.told(without_broker=bus.is_lost))
            journal.close()  # what components do when they are taken down is no part of it


def _senders(site: Site) -> frozenset[str]:
    """Return the components that some here listen to, and that are not here."""
    heard = {name for plan in site.vocabulary.blueprints.values() for name in plan.remotes}
    here = {name.partition(":")[0] for name in site.sheet.components}
    return frozenset(heard - here)


async def _tell_time(bus: MqttBus, speed: float, ended: threading.Event) -> None:
    """Tell what time it is, again and again in real time, until it has ended."""
    loop = asyncio.get_running_loop()
    while not ended.is_set():
        bus.announce(speed)
        await loop.run_in_executor(None, ended.wait, _TELL_TIME_EVERY)


@contextmanager
def _told_to_end(ending: Ending) -> Iterator[None]:
    """Have Ctrl-C or SIGTERM end it; a second Ctrl-C does not wait for an end in order."""

    def end(number: int, _: object) -> None:
        if ending.is_due.is_set():
            raise KeyboardInterrupt
        ending.wish()

    before: dict[int, Callable[..., Any] | int | None] = {}
    if threading.current_thread() is threading.main_thread():
        before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        ending.is_due.set()
        for number, handler in before.items():
            signal.signal(number, handler)
