"""The troubles of the building's vents, as an observer meets them and gets out of them."""

from __future__ import annotations

import pytest

from csc import AckError
from tests.acceptance.faults.bench import Bench, about

STOPPED, OPERATING, FAULT = 1, 2, 3
PARTIALLY_OPEN, OPENED = 2, 3


@about("ATBuilding.fan_drive_fault")
async def test_fan_whose_drive_has_failed_stays_off_until_it_is_reset(bench: Bench) -> None:
    """Fan drive fault: its state and its code are told, the fan stays off; reset the drive."""
    await bench.command("ATBuilding.setExtractionFanManualControlMode", enableManualControlMode=False)
    await bench.command("ATBuilding.setExtractionFanDriveFreq", targetFrequency=20.0)
    await bench.sleep(10.0)
    assert (await bench.telemetry("ATBuilding.extractionFan")).driveFrequency == 20.0
    bench.inject("ATBuilding.fan_drive_fault", code=41)
    await bench.until("ATBuilding.extractionFanDriveState", state=FAULT)
    assert bench.event("ATBuilding.extractionFanDriveFaultCode").state == 41
    assert bench.summary("ATBuilding") == "ENABLED"

    await bench.command("ATBuilding.startExtractionFan")
    await bench.cycle("ATBuilding")
    await bench.command("ATBuilding.setExtractionFanDriveFreq", targetFrequency=20.0)
    await bench.sleep(30.0)
    assert bench.event("ATBuilding.extractionFanDriveState").state == FAULT
    assert (await bench.telemetry("ATBuilding.extractionFan")).driveFrequency == 0.0

    await bench.command("ATBuilding.resetExtractionFanDrive")
    assert bench.event("ATBuilding.extractionFanDriveState").state == STOPPED
    await bench.command("ATBuilding.setExtractionFanDriveFreq", targetFrequency=20.0)
    await bench.sleep(10.0)
    assert bench.event("ATBuilding.extractionFanDriveState").state == OPERATING
    assert (await bench.telemetry("ATBuilding.extractionFan")).driveFrequency == 20.0


@about("ATBuilding.gate_stuck")
async def test_gate_that_sticks_reports_partly_open_until_it_is_freed(bench: Bench) -> None:
    """Gate stuck: it stays partly open, who waits 120 s for it gives up; somebody has to free it."""
    bench.inject("ATBuilding.gate_stuck", gate=1)
    await bench.command("ATBuilding.openVentGate", gate=[1, -1, -1, -1])
    with pytest.raises(AssertionError, match=r"did not become .* in 120 s"):
        await bench.until("ATBuilding.ventGateState", limit=120.0, state=(1, OPENED, 1, 1))
    assert bench.event("ATBuilding.ventGateState").state == (1, PARTIALLY_OPEN, 1, 1)

    await bench.command("ATBuilding.closeVentGate", gate=[1, -1, -1, -1])
    await bench.cycle("ATBuilding")
    await bench.command("ATBuilding.openVentGate", gate=[1, -1, -1, -1])
    await bench.sleep(120.0)
    assert bench.event("ATBuilding.ventGateState").state == (1, PARTIALLY_OPEN, 1, 1)

    bench.by_hand("ATBuilding.gate_freed")
    await bench.command("ATBuilding.openVentGate", gate=[1, -1, -1, -1])
    await bench.until("ATBuilding.ventGateState", limit=120.0, state=(1, OPENED, 1, 1))


@about("ATBuilding.controller_unreachable")
async def test_vent_controller_that_does_not_answer_must_be_restarted(bench: Bench) -> None:
    """Controller silent: commands fail and start goes to FAULT 1; restart it, then cycle the CSC."""
    bench.inject("ATBuilding.controller_unreachable")
    await bench.refused("ATBuilding.openVentGate", "no reply from the vent controller within 1 s", gate=[0, -1, -1, -1])

    await bench.set_state("ATBuilding", "STANDBY")
    with pytest.raises((RuntimeError, AckError), match="Could not connect to the vent controller"):
        await bench.enable("ATBuilding")
    assert bench.fault_code("ATBuilding") == 1

    bench.by_hand("ATBuilding.controller_restarted")
    await bench.cycle("ATBuilding")
    await bench.command("ATBuilding.openVentGate", gate=[0, -1, -1, -1])
    await bench.until("ATBuilding.ventGateState", state=(OPENED, 1, 1, 1))
