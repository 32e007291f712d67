"""The console's server: what twenty pages cost, how soon a click comes back, how much memory it takes.

Run: python benchmarks/console.py [--pages 20] [--seconds 20]

A console runs in a process of its own at 60x with everything ENABLED that a training begins with. Each page subscribes
eight telemetry topics at 5 Hz, the procedure and one component's commands explained. What Python's websockets take to
read is not counted: only the server's own time is, from /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect

TOPICS = [
    "ATDome.position",
    "ATMCS.mount_AzEl_Encoders",
    "ATMCS.trajectory",
    "ATMCS.mount_Nasmyth_Encoders",
    "ATPneumatics.m1AirPressure",
    "ATHexapod.positionStatus",
    "ATPtg.mountPositions",
    "ATPtg.timeAndDate",
]
STEPS = ("clear", "enable_atcs", "enable_latiss", "enable_scheduler", "setup", "light", "before", "sets", "shutdown")
TICKS = os.sysconf("SC_CLK_TCK")


def cpu(pid: int) -> float:
    """Return the processor time [s] that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid: int) -> float:
    """Return the memory of a process [MB]: what it shares with others counts by its part (PSS)."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1e3


def resident(pid: int) -> float:
    """Return the resident memory of a process [MB], libraries that it shares included."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def ask(socket: ClientConnection, **request: Any) -> dict[str, Any]:
    """Send a request and return its answer; what comes before it is passed over."""
    await socket.send(orjson.dumps(request).decode())
    while True:
        message = orjson.loads(await socket.recv())
        if message["kind"] == "answer" and message["id"] == request["id"]:
            assert message["ok"], message
            return dict(message["result"])


async def enable(port: int) -> None:
    """Have the telescope publish telemetry, but for the dome, which is what is clicked at."""
    async with connect(f"ws://127.0.0.1:{port}/ws", max_size=None) as socket:
        await ask(socket, id=1, do="join")
        for number, component in enumerate(("ATMCS", "ATPtg", "ATPneumatics", "ATHexapod")):
            await ask(socket, id=2 + number, do="state", of=component, to="ENABLED")


async def page(port: int, seconds: float, found: list[int]) -> None:
    """Look on for a while as a page does; note how many bytes came."""
    async with connect(f"ws://127.0.0.1:{port}/ws", max_size=None) as socket:
        await ask(socket, id=1, do="join")
        await ask(socket, id=2, do="subscribe", topics=TOPICS, every=0.2, procedure=True, explain=["ATDome"])
        end, count = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            count += len(await asyncio.wait_for(socket.recv(), 5.0))
        found.append(count)


async def clicks(port: int, count: int) -> list[float]:
    """Return how long [s] it takes from a command to the batch with the component's new state."""
    took = []
    async with connect(f"ws://127.0.0.1:{port}/ws", max_size=None) as socket:
        await ask(socket, id=1, do="join")
        commands = ("start", "enable", "disable", "standby")
        states = ("DISABLED", "ENABLED", "DISABLED", "STANDBY")
        for number in range(count):
            await asyncio.sleep(0.25)
            wanted = states[number % 4]
            began = time.perf_counter()
            request = {"id": 10 + number, "do": "command", "component": "ATDome", "command": commands[number % 4]}
            await socket.send(orjson.dumps(request).decode())
            while True:
                message = orjson.loads(await asyncio.wait_for(socket.recv(), 5.0))
                seen = message.get("components", {}).get("ATDome", {})
                if message["kind"] == "batch" and seen.get("state") == wanted:
                    break
            took.append(time.perf_counter() - began)
    return took


async def weekly(pid: int, port: int) -> None:
    """Have a whole weekly calibration done, with one page that looks on, and print the memory then."""
    async with connect(f"ws://127.0.0.1:{port}/ws", max_size=None) as socket:
        await ask(socket, id=1, do="join")
        await ask(socket, id=2, do="subscribe", topics=TOPICS, procedure=True)
        await ask(socket, id=3, do="speed", to="max")
        for number, step in enumerate(STEPS, 10):
            await ask(socket, id=number, do="do_step", step=step)
            ended = False
            while not ended:
                message = orjson.loads(await asyncio.wait_for(socket.recv(), 60.0))
                for asks in message.get("asks", ()):
                    request = {"id": 1000 + asks["ask"], "do": "reply", "ask": asks["ask"], "answer": True}
                    await socket.send(orjson.dumps(request).decode())
                told = [each for each in message.get("records", ()) if each.get("step") == step]
                ended = any(each["kind"] == "step" and each["what"] in ("done", "failed") for each in told)
    print(f"memory after a weekly calibration: {memory(pid):.0f} MB (resident {resident(pid):.0f} MB)")


async def measure(pid: int, port: int, pages: int, seconds: float) -> None:
    """Measure, and print a table."""
    print(f"memory with no page: {memory(pid):.0f} MB (resident {resident(pid):.0f} MB)")
    await enable(port)
    before, began = cpu(pid), time.monotonic()
    await asyncio.sleep(seconds / 2)
    alone = (cpu(pid) - before) / (time.monotonic() - began)
    print(f"processor with no page: {100 * alone:.1f} % of a core")
    took = await clicks(port, 40)
    print(
        f"click to new state, one page: median {1e3 * statistics.median(took):.1f} ms, worst {1e3 * max(took):.1f} ms"
    )
    found: list[int] = []
    looking = [asyncio.create_task(page(port, seconds + 2.0, found)) for _ in range(pages)]
    await asyncio.sleep(1.5)
    before, began = cpu(pid), time.monotonic()
    await asyncio.sleep(seconds / 2)
    share = (cpu(pid) - before) / (time.monotonic() - began)
    took = await clicks(port, 20)
    print(f"memory with {pages} pages: {memory(pid):.0f} MB (resident {resident(pid):.0f} MB)")
    await asyncio.gather(*looking)
    print(f"processor with {pages} pages: {100 * share:.1f} % of a core")
    print(f"click to new state, {pages} pages: median {1e3 * statistics.median(took):.1f} ms")
    print(f"to each page: {statistics.mean(found) / (seconds + 2.0) / 1e3:.1f} kB/s")
    await weekly(pid, port)


def main() -> None:
    """Run a console and measure it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--speed", default="60x")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "cscsim", "console", "--training", "first_weekly", "--no-browser"]
        command += ["--port", "0", "--speed", given.speed, "--journal", str(Path(folder) / "journal.jsonl")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            found = re.search(r":(\d+)/", server.stdout.readline())
            assert found is not None
            try:
                asyncio.run(measure(server.pid, int(found[1]), given.pages, given.seconds))
            finally:
                server.terminate()
                server.communicate(timeout=20)


if __name__ == "__main__":
    main()
