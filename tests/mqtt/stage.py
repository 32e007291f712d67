"""An observatory that is served in a thread of the test, or in a process of its own that may be killed.

``python -m tests.mqtt.stage mqtt://127.0.0.1:1883 NAME COMPONENT ...`` says ``ready`` and serves until it is ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any
from uuid import uuid4

from csc import Observatory, ObservatorySheet
from csc.bus.mqtt.address import Address
from csc.bus.mqtt.bus import MqttBus
from csc.latiss.images import ImageStore
from csc.observatory import PlacedComponent, vocabulary_of
from cscsim.injecting import FaultDesk
from cscsim.locate import open_site
from fsm import Clock, Journal, Record, simulate
from procedures import YesAsker
from procedures.frame import Stage

__all__ = ["Served", "served", "served_auxtel", "served_elsewhere", "sheet_of"]

_PATIENCE = 60.0
_KEPT = 200_000  # records


def sheet_of(name: str, *components: str, state: str = "ENABLED") -> ObservatorySheet:
    """Return an observatory of some components, all in one state."""
    return ObservatorySheet(
        observatory=name,
        title=name,
        start="2026-01-15T13:00:00",
        components={each: PlacedComponent(state=state) for each in components},
    )


class Served:
    """An observatory in a thread.

    Parameters
    ----------
    faults
        Whether others may inject them.
    make_bus
        Makes the bus, from clock and journal.
    keep
        Whether to keep the records of its journal; they are counted anyway.
    services
        What it lends to its components.

    Attributes
    ----------
    counts
        Records by component and kind.
    error
        What has ended it, if it was not `close`.
    """

    def __init__(
        self,
        sheet: ObservatorySheet,
        make_bus: Callable[[Clock, Journal], MqttBus],
        *,
        speed: float = 60.0,
        faults: bool = False,
        keep: bool = True,
        services: Mapping[str, Any] | None = None,
    ) -> None:
        self.sheet, self._services = sheet, services
        self.records: list[Record] = []
        self.counts: Counter[tuple[str, str]] = Counter()
        self.error: BaseException | None = None
        self.bus: MqttBus
        self.observatory: Observatory
        self.dress: Callable[[Observatory], object] | None = None
        """What is done when its components are there."""
        self._make_bus, self._speed, self._faults, self._keep = make_bus, speed, faults, keep
        self._ready = threading.Event()
        self._end: asyncio.Future[None]
        self._thread = threading.Thread(target=self._run, name=f"stage {sheet.observatory}", daemon=True)

    def __enter__(self) -> Served:
        self._thread.start()
        if not self._ready.wait(_PATIENCE):
            raise TimeoutError(f"{self.sheet.observatory} does not begin")
        if self.error is not None:
            raise self.error
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End it; raise what has ended it before."""
        if self._thread.is_alive():
            self.call(self._stop)
            self._thread.join(_PATIENCE)
            assert not self._thread.is_alive(), f"{self.sheet.observatory} does not end"
        if self.error is not None:
            raise self.error

    def _stop(self) -> None:
        if not self._end.done():
            self._end.set_result(None)

    @property
    def is_up(self) -> bool:
        """Whether it is still there."""
        return self._thread.is_alive()

    def call(self, act: Callable[[], object]) -> None:
        """Have something done in its thread."""
        with contextlib.suppress(RuntimeError):  # it has ended; `close` tells why
            self.observatory.clock.loop.call_soon_threadsafe(act)

    def do(self, act: Callable[[], object]) -> None:
        """Have something done in its thread, and wait until all that was said by then has arrived on the broker."""
        done: Future[None] = Future()

        def run() -> None:
            try:
                act()
                self.bus.settle()
            except BaseException as error:
                done.set_exception(error)
            else:
                done.set_result(None)

        self.call(run)
        done.result(_PATIENCE)

    def of(self, kind: str, who: str | None = None, **fields: Any) -> list[Record]:
        """Return the records of a kind so far, of one component, in which fields are so."""
        return [
            record
            for record in tuple(self.records)
            if record["kind"] == kind
            and who in (None, record["who"])
            and all(record.get(name) == value for name, value in fields.items())
        ]

    def _run(self) -> None:
        try:
            simulate(self._serve, speed=self._speed, tai_start=self.sheet.tai_start)
        except BaseException as error:
            self.error = error
        finally:
            self._ready.set()

    async def _serve(self, clock: Clock) -> None:
        clock.loop.expects_outside = True
        journal = Journal(lambda: clock.now, keep=False)
        journal.listen(self._see)
        async with Observatory(
            self.sheet, clock, journal, seed=1, make_bus=self._make_bus, services=self._services
        ) as self.observatory:
            bus = self.observatory.bus
            assert isinstance(bus, MqttBus)
            self.bus = bus
            if self._faults:
                truth = vocabulary_of(self.sheet, self.observatory.catalogue, truth=True)
                bus.inject = FaultDesk(self.observatory, truth).act
            if self.dress is not None:
                self.dress(self.observatory)
            bus.announce(self._speed)
            bus.settle()
            self._end = clock.loop.create_future()
            self._ready.set()
            await self._end

    def _see(self, record: Record) -> None:
        self.counts[record["who"], record["kind"]] += 1
        if self._keep:
            assert len(self.records) < _KEPT, f"{_KEPT} records, the last one {record}"
            self.records.append(record)


def served(
    address: Address, *components: str, name: str | None = None, elsewhere: tuple[str, ...] = (), **options: Any
) -> Served:
    """Return an observatory of some enabled components, to be served while a ``with`` lasts."""
    name = name or uuid4().hex
    make_bus = partial(_bus, address=address, observatory=name, elsewhere=elsewhere)
    return Served(sheet_of(name, *components), make_bus, **options)


def served_auxtel(address: Address, **options: Any) -> Served:
    """Return the whole observatory, enabled, to be served while a ``with`` lasts; its scripts run."""
    site, images, name = open_site("auxtel"), ImageStore(), uuid4().hex
    placed = {who: each.model_copy(update={"state": "ENABLED"}) for who, each in site.sheet.components.items()}
    sheet = site.sheet.model_copy(update={"observatory": name, "components": placed})
    services = {"images": images, "scripts": site.library, "blocks": site.blocks}
    found = Served(sheet, partial(_bus, address=address, observatory=name), services=services, **options)
    found.dress = lambda observatory: setattr(
        site.library, "stage", Stage(observatory=observatory, library=site.library, images=images, asker=YesAsker())
    )
    return found


def _bus(clock: Clock, journal: Journal, **options: Any) -> MqttBus:
    return MqttBus(clock, journal, options.pop("address"), **options)


@contextlib.contextmanager
def served_elsewhere(address: Address, name: str, *components: str) -> Iterator[subprocess.Popen[bytes]]:
    """Serve an observatory in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.mqtt.stage", str(address), name, *components],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield process
        finally:
            process.kill()


def main(arguments: list[str]) -> None:
    """Serve until the standard input ends."""
    address, name, *components = arguments
    with served(Address.read(address), *components, name=name):
        print("ready", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1:])
