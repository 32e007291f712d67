"""Electrometer: settings are simulated, readings are refused."""

from __future__ import annotations

import pytest

from csc import AckError
from tests.csc.rig import run

NAME = "Electrometer:1"


@pytest.mark.parametrize(
    ("command", "fields", "event", "field", "value"),
    [
        ("setMode", {"mode": 2}, "measureType", "mode", 2),
        ("setRange", {"setRange": 2e-6}, "measureRange", "rangeValue", 2e-6),
        ("setIntegrationTime", {"intTime": 0.1}, "integrationTime", "intTime", 0.1),
        (
            "setDigitalFilter",
            {"activateFilter": True, "activateAvgFilter": True, "activateMedFilter": False},
            "digitalFilterChange",
            "activateAverageFilter",
            True,
        ),
    ],
)
def test_a_setting_is_published(command, fields, event, field, value):
    async def scenario(rig):
        await rig.enable(NAME)

        await rig.command(NAME, command, **fields)

        assert getattr(rig.event(NAME, event), field) == value
        assert rig.states_seen(NAME, "reading") == ["CONFIGURINGSTATE", "NOTREADINGSTATE"]

    run(scenario, NAME)


def test_the_zero_can_be_corrected():
    async def scenario(rig):
        await rig.enable(NAME)

        await rig.command(NAME, "performZeroCalib")

        assert rig.now == 1.0
        assert rig.event(NAME, "detailedState").detailedState == 6

    run(scenario, NAME)


def test_a_setting_is_refused_while_another_is_made():
    async def scenario(rig):
        await rig.enable(NAME)
        first = rig.later(NAME, "performZeroCalib")
        await rig.sleep(0.5)

        with pytest.raises(AckError, match="Not idle: reading is CONFIGURINGSTATE"):
            await rig.command(NAME, "setMode", mode=1)

        await first
        assert rig.event(NAME, "measureType").mode == 1

    run(scenario, NAME)


@pytest.mark.parametrize(
    ("command", "fields", "match"),
    [
        ("startScan", {}, "startScan is not simulated"),
        ("startScanDt", {"scanDuration": 1.0}, "startScanDt is not simulated"),
        ("setMode", {"mode": 5}, "mode=5 must be one of CURRENT 1, CHARGE 2, VOLTAGE 3, RESISTANCE 4"),
        ("setIntegrationTime", {"intTime": 1.0}, r"intTime=1\.0 not in range"),
    ],
)
def test_what_is_not_simulated_or_out_of_range_is_refused(command, fields, match):
    async def scenario(rig):
        await rig.enable(NAME)
        count = rig.journal.count

        with pytest.raises(AckError, match=match):
            await rig.command(NAME, command, **fields)

        assert rig.journal.count == count + 2

    run(scenario, NAME)
