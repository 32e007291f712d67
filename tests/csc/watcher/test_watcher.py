"""The Watcher: alarms are muted for a time."""

from __future__ import annotations

import pytest

from csc import AckError
from tests.csc.rig import run

NAME = "Watcher"
ALARMS = {"name": "Heartbeat.ATDome:0", "severity": 4, "mutedBy": "somebody"}


def test_alarms_are_muted_for_so_long():
    async def scenario(rig):
        await rig.enable(NAME)

        await rig.command(NAME, "mute", duration=60.0, **ALARMS)

        assert rig.state(NAME, "muting") == "MUTED"
        assert "alarms Heartbeat.ATDome:0 are muted for 60 s by somebody" in rig.log_lines(NAME)
        await rig.sleep(59.0)
        assert rig.state(NAME, "muting") == "MUTED"
        await rig.sleep(2.0)
        assert rig.state(NAME, "muting") == "UNMUTED"

    run(scenario, NAME)


def test_muting_again_begins_anew():
    async def scenario(rig):
        await rig.enable(NAME)
        await rig.command(NAME, "mute", duration=60.0, **ALARMS)
        await rig.sleep(50.0)

        await rig.command(NAME, "mute", duration=60.0, **ALARMS)
        await rig.sleep(50.0)

        assert rig.state(NAME, "muting") == "MUTED"

    run(scenario, NAME)


def test_alarms_sound_again_on_request():
    async def scenario(rig):
        await rig.enable(NAME)
        await rig.command(NAME, "mute", duration=60.0, **ALARMS)

        await rig.command(NAME, "unmute", name=".*")

        assert rig.state(NAME, "muting") == "UNMUTED"

    run(scenario, NAME)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"duration": 0.0}, r"duration=0 must be positive"),
        ({"duration": 60.0, "severity": 1}, r"severity=1 must be 2 \(warning\), 3 \(serious\) or 4 \(critical\)"),
    ],
)
def test_muting_is_refused(fields, message):
    async def scenario(rig):
        await rig.enable(NAME)

        with pytest.raises(AckError, match=message):
            await rig.command(NAME, "mute", **{**ALARMS, **fields})
        assert rig.state(NAME, "muting") == "UNMUTED"

    run(scenario, NAME)


@pytest.mark.parametrize(
    ("command", "fields"),
    [("acknowledge", {"severity": 4}), ("unacknowledge", {}), ("makeLogEntry", {}), ("showAlarms", {})],
)
def test_alarms_are_not_simulated(command, fields):
    async def scenario(rig):
        await rig.enable(NAME)

        with pytest.raises(AckError, match=f"{command} is not simulated"):
            await rig.command(NAME, command, **fields)

    run(scenario, NAME)
