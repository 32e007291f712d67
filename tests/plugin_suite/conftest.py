"""Fixtures of a user: they build on those of the plugin."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cscsim.pytest_plugin import RunningObservatory


@pytest.fixture
async def dome(observatory: RunningObservatory) -> RunningObservatory:
    """Return an observatory whose dome is enabled."""
    await observatory.enable("ATDome")
    return observatory


@pytest.fixture
async def lamp(observatory: RunningObservatory) -> AsyncIterator[RunningObservatory]:
    """Have the white light cooled and enabled; whatever a test does with the lamp, it can be switched off."""
    await observatory.enable("ATWhiteLight")
    await observatory.command("ATWhiteLight.setChillerTemperature", temperature="20 deg_C")
    await observatory.command("ATWhiteLight.startChiller")
    yield observatory
    if observatory["ATWhiteLight is ENABLED and ATWhiteLight.lamp is not OFF"]:
        await observatory.command("ATWhiteLight.turnLampOff", force=True)
        await observatory.until("ATWhiteLight.lamp is OFF", within="20 min")
