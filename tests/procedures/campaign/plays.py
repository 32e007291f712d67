"""Cases on a small observatory, and tasks for processes; a module, so that other processes find them."""

from __future__ import annotations

import gc
import os
import signal
import time
from functools import cache
from pathlib import Path

from cscsim.locate import Site, open_site
from procedures import Rehearsal, load_procedure, parse_injection
from procedures.campaign import Case

DATA = Path(__file__).parents[2] / "cscsim" / "data"

PLAY = """
procedure: play
kind: rehearsal
title: The dome turns and the lamp warms up
preconditions: [ATDome is not FAULT]
steps:
  - id: ready
    summary_state: {of: light, to: ENABLED}
  - id: dome
    summary_state: {of: ATDome, to: ENABLED}
  - id: chiller
    command: ATWhiteLight.startChiller
  - id: lamp
    command: ATWhiteLight.turnLampOn
    with: {power: 910}
  - id: warm
    wait: until ATWhiteLight.lamp is ON
    timeout: 20 min
  - id: turn
    command: ATDome.moveAzimuth
    with: {azimuth: 20}
    on_failure: warn
  - id: off
    command: ATWhiteLight.turnLampOff
  - id: cold
    wait: until ATWhiteLight.lamp is OFF
    timeout: 20 min
"""


@cache
def site() -> Site:
    return open_site(str(DATA / "small.yaml"))


def open_play(case: Case) -> Rehearsal:
    here = site()
    text = PLAY if case.procedure == "play" else case.procedure
    return Rehearsal(
        procedure=load_procedure(text, here.vocabulary),
        library=here.library,
        blocks=here.blocks,
        observatory=here.sheet,
        seed=case.seed,
        faults=tuple(parse_injection(fault, here.truth) for fault in case.faults),
    )


def play(*faults: str, seed: int = 1) -> Case:
    return Case(procedure="play", seed=seed, faults=faults)


def out_of_search(number: int) -> bool:
    return gc.get_freeze_count() > 0


def square(number: int) -> int:
    return number * number


def die_once(task: tuple[int, str]) -> int:
    """Kill this process if a file is not there yet."""
    number, marker = task
    if number == 2 and not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_always(number: int) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def fail(number: int) -> int:
    raise RuntimeError(f"number {number}")


def slow_square(number: int) -> int:
    time.sleep(0.2)
    return number * number
