"""What a test run has no time for: `make soak`.

``python -m tests.mqtt.soak [hostile] [wire]``: tens of thousands of messages that mean no good, with other seeds each
time if wanted, and wires that fail for longer and more often. The exit status is 1 if anything was found.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from csc.bus.mqtt.address import Address
from tests.mqtt.brokers import Mosquitto, embedded, mosquitto
from tests.mqtt.hostile import Assault, shots
from tests.mqtt.meddling import Meddler
from tests.mqtt.stage import served_auxtel
from tests.mqtt.trouble import crowd_without_broker, held, killed, troubled
from tests.mqtt.weekly import in_memory, over

__all__ = ["main"]

_LOT = 1000  # messages between two signs of life
_VOLLEY = 20  # messages of one example
_GROWTH = 300e6  # bytes by which this process may grow, with what makes the messages in it
_HELD = 30.0  # s


def main() -> int:
    """Soak all, or what is named."""
    parser = argparse.ArgumentParser(prog="python -m tests.mqtt.soak", description="hurt the bus over MQTT")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(_KINDS)}; all if none is given")
    parser.add_argument("--messages", type=int, default=50_000, help="hostile messages over mosquitto")
    parser.add_argument("--seed", type=int, default=1, help="first seed; another one makes other messages")
    chosen = parser.parse_args()
    if unknown := set(chosen.kinds) - set(_KINDS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there is {', '.join(_KINDS)}")
    warnings.simplefilter("ignore")
    found = 0
    for kind in chosen.kinds or list(_KINDS):
        for what, soak in _KINDS[kind](chosen.messages, chosen.seed).items():
            began = time.monotonic()
            try:
                soak()
            except Exception:
                found += 1
                traceback.print_exc()
            print(f"\r{what}: {time.monotonic() - began:.0f} s", flush=True)
    print(f"{found} found")
    return 1 if found else 0


@contextlib.contextmanager
def _real() -> Iterator[Mosquitto]:
    with tempfile.TemporaryDirectory() as folder, mosquitto(Path(folder)) as broker:
        yield broker


# ---------------------------------------------------------------- hostile messages


def _hostile(messages: int, seed: int) -> Mapping[str, Callable[[], None]]:
    def on_mosquitto() -> None:
        with _real() as broker:
            _fire(broker.address, messages, seed)

    def on_embedded() -> None:
        with embedded() as broker:
            _fire(broker.address, messages // 5, seed)

    return {
        f"{messages} hostile messages over mosquitto": on_mosquitto,
        f"{messages // 5} over the embedded broker": on_embedded,
    }


def _fire(address: Address, messages: int, seed: int) -> None:
    before = _resident()
    with served_auxtel(address, faults=True, keep=False) as observatory, Assault(address, observatory) as assault:
        for lot in range(-(-messages // _LOT)):

            @seeded(seed + lot)
            @settings(
                max_examples=_LOT // _VOLLEY,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(st.lists(shots(observatory), min_size=_VOLLEY, max_size=_VOLLEY))
            def fire(some: list[tuple[str, bytes]]) -> None:
                for shot in some:
                    assault.fire(shot)  # type: ignore[arg-type]  # hypothesis forgets what it draws

            fire()
            assault.heal()
            for who in observatory.sheet.components:
                assault.ask(who)
            gc.collect()
            grown = _resident() - before
            print(f"\r{(lot + 1) * _LOT} messages, {grown / 1e6:.0f} MB more", end="", flush=True)
            if grown > _GROWTH:
                raise AssertionError(f"{grown / 1e6:.0f} MB more after {(lot + 1) * _LOT} messages, seed {seed + lot}")


def _resident() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    [line] = [line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmRSS")]
    return float(line.split()[1]) * 1024


# ---------------------------------------------------------------- wires that fail


def _wire(messages: int, seed: int) -> Mapping[str, Callable[[], None]]:
    return {
        f"weekly, the broker held for {_HELD:g} s": lambda: _weekly(lambda broker: held(broker, _HELD)),
        "weekly, the broker killed, ten times": lambda: _repeat(10, lambda: _weekly(killed)),
        "weekly, every message twice and out of turn, on both brokers": _meddled,
        "200 clients, the broker killed, ten times": lambda: _repeat(10, _crowd),
    }


def _repeat(times: int, act: Callable[[], None]) -> None:
    for _ in range(times):
        act()


def _weekly(trouble: Callable[[Mosquitto], None]) -> None:
    with _real() as broker:
        with troubled(lambda: trouble(broker)):
            report = over(broker.address)
    _compare(report.outcome, report.digest)


def _meddled() -> None:
    for make in (_real, embedded):
        with make() as broker, Meddler(broker.address, twice=True, swaps=True) as meddler:
            report = over(meddler.address)
        _compare(report.outcome, report.digest)


def _compare(outcome: str, digest: str) -> None:
    if (outcome, digest) != ("passed", in_memory().digest):
        raise AssertionError(f"{outcome}, {digest}; in memory {in_memory().digest}")


def _crowd() -> None:
    with _real() as broker:
        crowd_without_broker(broker, 200)


_KINDS: Mapping[str, Callable[[int, int], Mapping[str, Callable[[], None]]]] = {"hostile": _hostile, "wire": _wire}


if __name__ == "__main__":
    sys.exit(main())
