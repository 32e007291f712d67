"""Run the measurements and print them: medians of interleaved runs, each in a process of its own."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial

from benchmarks import bus, clicks, combining, detector, exploration, machines, mqtt, rehearsals

RUNS = 5

MEASUREMENTS: Mapping[str, tuple[str, Callable[[], float]]] = {
    "bus": ("command/ack round trips per CPU second, memory bus with journal", bus.round_trips),
    "component": ("the same to a component: checked, carried out", bus.round_trips_of_a_component),
    **{
        f"transitions:{name}": (f"transitions per CPU second, {name}", partial(machines.speed, name))
        for name in machines.ENGINES
    },
    **{f"memory:{name}": (f"bytes per machine, {name}", partial(machines.memory, name)) for name in machines.ENGINES},
    **{
        f"exploration:{name}": (f"situations explored per CPU second, {name}", partial(exploration.speed, name))
        for name in exploration.EXPLORERS
    },
    **{
        f"pixels:{name}": (
            f"megapixels rendered per CPU second, {name} at full size",
            partial(detector.megapixels, name),
        )
        for name in detector.EXPOSURES
    },
    "pixels:small": ("small frames rendered per CPU second, flat at scale 0.05", detector.small_frames),
    "raw file": ("CPU seconds to compress and write a full frame", detector.write_seconds),
    **{
        f"combine:{name}": (
            f"megapixels of each of 50 images combined per CPU second, {name}",
            partial(combining.speed, name),
        )
        for name in combining.COMBINERS
    },
    "weekly": ("weekly rehearsal: simulated seconds per wall second", rehearsals.weekly),
    "idle": ("30 simulated days of an idle observatory: wall seconds", rehearsals.idle_month),
    "click": ("milliseconds from a click in the console to the new state drawn: median of 120", clicks.median),
    "click at once": (
        "the same median in a browser that puts nothing off behind a click",
        partial(clicks.median, clicks.HURRIES),
    ),
    "slow click": ("the same, that 95 of 100 clicks stay below", clicks.slow),
    **{
        f"mqtt {broker}:{name}": (f"{broker}: {text}", partial(mqtt.rate, broker, name))
        for broker in mqtt.BROKERS
        for name, (text, _) in mqtt.RATES.items()
    },
    **{f"mqtt many:{name}": (f"mosquitto: {text}", measure) for name, (text, measure) in mqtt.OF_MANY.items()},
}


def main(arguments: list[str]) -> int:
    """Measure what is named, or everything."""
    if arguments[:1] == ["--one"]:
        print(json.dumps(MEASUREMENTS[arguments[1]][1]()))
        return 0
    unknown = [name for name in arguments if name not in MEASUREMENTS]
    if unknown:
        print(f"there is no measurement {', '.join(unknown)}; there is {', '.join(MEASUREMENTS)}", file=sys.stderr)
        return 2
    chosen = arguments or list(MEASUREMENTS)
    results: dict[str, list[float]] = {name: [] for name in chosen}
    for run in range(RUNS):
        for name in chosen:
            print(f"\rrun {run + 1} of {RUNS}: {name:<32}", end="", file=sys.stderr)
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks", "--one", name], check=True, capture_output=True, text=True
            )
            results[name].append(float(json.loads(done.stdout.splitlines()[-1])))
    print("\r" + " " * 60 + "\r", end="", file=sys.stderr)
    _print(results)
    return 0


def _print(results: Mapping[str, list[float]]) -> None:
    print(f"{'median':>14}  {'lowest':>14} {'highest':>14}")
    for name, values in results.items():
        median = statistics.median(values)
        print(f"{median:14,.6g}  {min(values):14,.6g} {max(values):14,.6g}  {MEASUREMENTS[name][0]}")
    for broker in mqtt.BROKERS:
        for name, peer in mqtt.PEERS.items():
            own, bare = (results.get(f"mqtt {broker}:{each}") for each in (name, peer))
            if own and bare:
                print(f"{statistics.median(own) / statistics.median(bare):14.2f}  {broker}: {name} / {peer}")
    for kind in ("transitions", "memory", "exploration", "combine"):
        own = results.get(f"{kind}:cscsim")
        for name, values in results.items():
            if own and name.startswith(f"{kind}:") and not name.endswith(":cscsim"):
                ratio = statistics.median(own) / statistics.median(values)
                print(f"{ratio:14.2f}  {kind}: cscsim / {name.partition(':')[2]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
