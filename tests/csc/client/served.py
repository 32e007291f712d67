"""An observatory served by a process of its own, for tests of what talks to it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from csc.bus.mqtt.address import Address
from tests.mqtt.brokers import embedded, mosquitto, needs_mosquitto

__all__ = ["BROKERS", "Served", "any_broker", "served"]

BROKERS = ["embedded", pytest.param("mosquitto", marks=needs_mosquitto())]
_PATIENCE = 30.0
_READY = "Ctrl-C ends it."


@dataclass
class Served:
    """A process that serves, and what it writes."""

    process: subprocess.Popen[bytes]
    output: Path
    address: Address

    @property
    def lines(self) -> list[str]:
        """What it has written so far."""
        return self.output.read_text(encoding="utf-8").splitlines()

    def wait_for(self, text: str) -> str:
        """Return the first line that has this; it must come."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            found = [line for line in self.lines if text in line]
            if found:
                return found[0]
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"no {text!r} in:\n" + "\n".join(self.lines), pytrace=False)
            time.sleep(0.02)

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Have it end; return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(_PATIENCE)


@contextlib.contextmanager
def any_broker(kind: str, folder: Path) -> Iterator[Address]:
    """Run a broker of either kind."""
    with embedded() if kind == "embedded" else mosquitto(folder) as broker:
        yield broker.address


@contextlib.contextmanager
def served(folder: Path, address: Address, *arguments: str, **environment: str) -> Iterator[Served]:
    """Serve an observatory on a broker that is there, or with `--port` on its own."""
    output = folder / f"served-{time.monotonic_ns()}.txt"
    broker = () if "--port" in arguments else ("--broker", str(address))
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "cscsim", "serve", *arguments, *broker],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env=os.environ | environment,
        )
    found = Served(process, output, address)
    try:
        found.wait_for(_READY)
        yield found
    finally:
        if process.poll() is None:
            found.end()
