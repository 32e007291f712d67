"""Sensors that lie: what is told of an output, and what is so."""

from __future__ import annotations

import math
import statistics
from typing import Any

import pytest

from fsm import AuthorError
from tests.csc.rig import Rig
from tests.csc.rig import run as run_real
from tests.csc.tiny import run


async def told(rig: Rig) -> float:
    """Return the next sample of the temperature."""
    sample = await rig.remote("Tiny").telemetry("temperature").next(flush=True)
    value: float = sample.lamp
    return value


def warm(rig: Rig, temperature: float) -> None:
    rig.component("Tiny").assign("temperature", temperature)


def test_a_frozen_sensor_tells_what_it_told_last() -> None:
    async def scenario(rig: Rig) -> None:
        fault = rig.inject("Tiny", "sensor_frozen", output="temperature")
        warm(rig, 50.0)
        frozen = await told(rig)

        rig.component("Tiny").faults.clear(fault)

        assert (frozen, await told(rig)) == (20.0, 50.0)
        assert rig.output("Tiny", "temperature") == 50.0

    run(scenario)


def test_a_biased_sensor_is_off_and_the_truth_stays() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "sensor_biased", output="temperature", by=-3.5)

        assert await told(rig) == 16.5
        assert rig.output("Tiny", "temperature") == 20.0

    run(scenario)


def test_two_sensor_faults_add_up() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "sensor_biased", output="temperature", by=1.0)
        rig.inject("Tiny", "sensor_biased", output="temperature", by=2.0)

        assert await told(rig) == 23.0

    run(scenario)


def test_a_noisy_sensor_scatters_about_the_truth() -> None:
    async def scenario(rig: Rig) -> list[float]:
        rig.inject("Tiny", "sensor_noisy", output="temperature", sigma=2.0)
        return [await told(rig) for _ in range(200)]

    values = run(scenario)

    assert statistics.mean(values) == pytest.approx(20.0, abs=0.5)
    assert statistics.stdev(values) == pytest.approx(2.0, rel=0.2)
    assert values == run(scenario)


def test_a_spike_passes_by_itself() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "sensor_spike", output="temperature", by=100.0, lasting=6.0)

        assert [await told(rig), await told(rig)] == [120.0, 20.0]
        assert [record["what"] for record in rig.records("fault")] == ["injected", "cleared"]

    run(scenario)


def test_a_broken_sensor_says_nan() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "sensor_nan", output="temperature")

        assert math.isnan(await told(rig))

    run(scenario)


def test_an_event_tells_it_at_once_in_its_own_unit() -> None:
    async def scenario(rig: Rig) -> None:
        fault = rig.inject("Tiny", "sensor_biased", output="set_power", by=500.0)
        off = rig.event("Tiny", "lampState").power
        rig.component("Tiny").faults.clear(fault)

        assert (off, rig.event("Tiny", "lampState").power) == (0.5, 0.0)

    run(scenario)


def test_a_whole_number_stays_one() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "sensor_biased", output="powered_count", by=2.4)

        assert rig.event("Tiny", "counted").times == 2

    run(scenario)


@pytest.mark.parametrize(
    ("fault", "values", "message"),
    [
        ("sensor_frozen", {}, "sensor_frozen: say which output, as in output=set_power"),
        ("sensor_frozen", {"output": "temperatur"}, "Tiny has no output temperatur .* did you mean temperature?"),
        ("sensor_nan", {"output": "powered_count"}, "sent as a whole number, which cannot be NaN"),
        ("sensor_biased", {"output": "temperature", "size": 1.0}, "has no parameter size"),
    ],
)
def test_a_sensor_fault_that_cannot_be_is_refused(fault: str, values: dict[str, Any], message: str) -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(AuthorError, match=message):
            rig.inject("Tiny", fault, **values)
        assert rig.records("fault") == []

    run(scenario)


def test_who_senses_what_is_reported_is_deceived_and_who_senses_what_is_so_is_not() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("ATMCS", "sensor_biased", output="azimuth", by=10.0)

        assert rig.behaviour("ATDomeTrajectory").sense("telescope_azimuth") == pytest.approx(10.0)
        assert rig.output("ATMCS", "azimuth") == pytest.approx(0.0)

    run_real(scenario, "ATMCS", "ATDome", "ATDomeTrajectory")


def test_who_senses_what_is_reported_does_not_believe_nan() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("ATMCS", "sensor_nan", output="azimuth")

        assert rig.behaviour("ATDomeTrajectory").sense("telescope_azimuth") == pytest.approx(0.0)

    run_real(scenario, "ATMCS", "ATDome", "ATDomeTrajectory")
