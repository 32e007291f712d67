"""Plays many more programmes than a test run has time for, and holds many more checks against rehearsals: `make soak`.

Every component gets so many, in lots with seeds of their own, on as many processes as there are cores. What is
found is printed as the Python of the shortest programme of its kind; the exit status is 1 if anything was.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tests.procedures.checking.soundness import compare_random, told
from tests.soundness.cast import everybody
from tests.soundness.hunt import hunt

__all__ = ["main"]

LOT = 500
"""Programmes between two signs of life."""
TOGETHER = 50
"""Rehearsals between two."""


def search(who: str, examples: int, seed: int) -> str | None:
    """Play one lot; return what was found."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # hypothesis says there what it adds to the error anyway
            hunt(who, examples, seed=seed)
    except Exception as error:
        return "\n".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", [])])
    return None


def contradicted(first: int) -> list[str]:
    """Hold one lot of checks against rehearsals; return what was said and is not so."""
    seeds = range(first, first + TOGETHER)
    with tempfile.TemporaryDirectory() as folder:
        return told(seeds, [compare_random(seed, Path(folder)) for seed in seeds])


def main() -> int:
    """Soak all components and the checks of procedures, or the components that are named."""
    parser = argparse.ArgumentParser(prog="make soak", description="play many programmes on every component")
    parser.add_argument("components", nargs="*", metavar="COMPONENT", help="names on the bus; all if none is given")
    parser.add_argument("--examples", type=int, default=20_000, help="programmes for each component")
    parser.add_argument("--rehearsals", type=int, default=3000, help="rehearsals that checks are held against")
    parser.add_argument("--seed", type=int, default=1, help="first seed; another one plays other programmes")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    chosen = parser.parse_args()
    if unknown := set(chosen.components) - set(everybody()):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there is {', '.join(everybody())}")
    found = soak(chosen.components or list(everybody()), chosen.examples, chosen.seed, chosen.jobs)
    return found if chosen.components else max(found, soak_checks(chosen.rehearsals, chosen.seed, chosen.jobs))


def soak(names: list[str], examples: int, seed: int, jobs: int) -> int:
    """Play the lots of all components side by side; print progress, findings and a summary."""
    lots = [(who, seed + number) for number in range(-(-examples // LOT)) for who in names]
    played: Counter[str] = Counter()
    findings: dict[str, str] = {}
    began = time.monotonic()
    with ProcessPoolExecutor(jobs) as pool:
        work = {pool.submit(search, who, min(LOT, examples), lot): (who, lot) for who, lot in lots}
        for done in as_completed(work):
            who, lot = work[done]
            played[who] += min(LOT, examples)
            found = done.result()
            if found is not None and who not in findings:
                findings[who] = found
                print(f"\n{who}, seed {lot}\n{found}\n", flush=True)
            total = sum(played.values())
            print(
                f"\r{total} of {len(lots) * min(LOT, examples)} programmes, {len(findings)} unsound", end="", flush=True
            )
    print(f"\n{sum(played.values())} programmes in {time.monotonic() - began:.0f} s")
    for who in names:
        print(f"  {who:<24}{played[who]:>8}  {'UNSOUND' if who in findings else 'sound'}")
    return 1 if findings else 0


def soak_checks(rehearsals: int, seed: int, jobs: int) -> int:
    """Hold checks of procedures against rehearsals from random beginnings; print progress and findings."""
    wrong = []
    with ProcessPoolExecutor(jobs) as pool:
        for number, found in enumerate(pool.map(contradicted, range(seed, seed + rehearsals, TOGETHER)), start=1):
            wrong += found
            print("".join(f"\n{each}\n" for each in found), end="")
            print(f"\r{number * TOGETHER} rehearsals, {len(wrong)} contradictions", end="", flush=True)
    print()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
