"""What the tests of ATWhiteLight share: the way to a chilled, lit, warm lamp, and what a refusal may do."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from csc import AckError
from tests.csc.rig import Rig, run

WL = "ATWhiteLight"


def try_out(scenario: Callable[[Rig], Coroutine[Any, Any, Any]], **options: Any) -> Any:
    return run(scenario, WL, **options)


def states(rig: Rig) -> dict[str, str]:
    return {name: machine.state for name, machine in rig.component(WL).machines.items()}


def act(rig: Rig, trigger: str) -> None:
    """Do something by hand at the hardware."""
    rig.component(WL).fire(trigger)


def watched(rig: Rig, topic: str, field: str) -> list[Any]:
    """Collect what a field of an event becomes from now on."""
    values: list[Any] = []
    last = rig.event(WL, topic)

    def note(sample: Any) -> None:
        value = getattr(sample, field)
        if value != (values[-1] if values else getattr(last, field, None)):
            values.append(value)

    rig.remote(WL).event(topic).callback(note)
    return values


async def enable(rig: Rig) -> None:
    await rig.enable(WL)


async def chill(rig: Rig) -> None:
    await enable(rig)
    await rig.command(WL, "setChillerTemperature", temperature=20.0)
    await rig.command(WL, "startChiller")


async def light(rig: Rig, power: float = 910.0) -> None:
    await chill(rig)
    await rig.command(WL, "turnLampOn", power=power)


async def warm(rig: Rig, power: float = 910.0) -> None:
    await light(rig, power)
    await rig.sleep(900.0)


async def cycle(rig: Rig) -> None:
    """Leave FAULT as an operator does."""
    await rig.set_state(WL, "STANDBY")
    await rig.set_state(WL, "ENABLED")


async def refused(rig: Rig, command: str, match: str, **fields: Any) -> None:
    """Expect a refusal that changes nothing and adds to the journal only command and acknowledgement."""
    before, count = states(rig), rig.journal.count
    with pytest.raises(AckError, match=match):
        await rig.command(WL, command, **fields)
    assert states(rig) == before
    assert rig.journal.count == count + 2
