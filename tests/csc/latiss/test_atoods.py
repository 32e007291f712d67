"""The data service: what becomes of each image, and when."""

from typing import Any

import pytest

from tests.csc.rig import Rig, run

CAMERA, HEADERS, OODS = "ATCamera", "ATHeaderService", "ATOODS"


async def take(rig: Rig, number: int = 1) -> None:
    await rig.command(CAMERA, "takeImages", numImages=number, expTime=0.0, keyValueMap="imageType: BIAS")


async def take_and_wait(rig: Rig) -> None:
    await take(rig)
    await rig.sleep(5.0)


def results(rig: Rig) -> list[dict[str, Any]]:
    return [record for record in rig.records("event", OODS) if record["topic"] == "imageInOODS"]


async def enable(rig: Rig) -> None:
    await rig.enable(CAMERA, HEADERS, OODS)


def test_an_image_is_ingested():
    async def scenario(rig):
        await enable(rig)
        await take_and_wait(rig)

        sample = rig.event(OODS, "imageInOODS")
        assert (sample.camera, sample.obsid) == ("LATISS", "AT_O_20260115_000001")
        assert (sample.raft, sample.sensor) == ("R00", "S00")
        assert (sample.statusCode, sample.description) == (0, "file ingested")
        assert rig.output(OODS, "ingested") == 1

    run(scenario, CAMERA, HEADERS, OODS)


def test_an_image_is_ingested_some_seconds_after_its_end():
    async def scenario(rig):
        await enable(rig)
        for _ in range(20):
            await take(rig)
        await rig.sleep(5.0)

        ends = [r["t"] for r in rig.records("event", CAMERA) if r["topic"] == "endOfImageTelemetry"]
        delays = [record["t"] - end for record, end in zip(results(rig), ends, strict=True)]
        assert all(2.0 <= delay <= 4.0 for delay in delays)
        assert len(set(delays)) == 20

    run(scenario, CAMERA, HEADERS, OODS)


def test_each_image_of_a_series_is_ingested():
    async def scenario(rig):
        await enable(rig)
        await take(rig, 5)
        await rig.sleep(5.0)

        assert rig.output(OODS, "ingested") == 5
        assert len({record["data"]["obsid"] for record in results(rig)}) == 5

    run(scenario, CAMERA, HEADERS, OODS)


@pytest.mark.parametrize("service", [HEADERS, OODS])
def test_nothing_is_ingested_unless_both_services_run(service):
    async def scenario(rig):
        await enable(rig)
        await rig.set_state(service, "DISABLED")

        await take_and_wait(rig)

        assert results(rig) == []

    run(scenario, CAMERA, HEADERS, OODS)


def test_an_image_is_not_ingested_once_the_service_has_stopped():
    async def scenario(rig):
        await enable(rig)
        task = rig.later(CAMERA, "takeImages", numImages=1, expTime=0.0, keyValueMap="imageType: BIAS")
        await rig.sleep(0.1 + 2.0 + 0.3 + 1.9)

        await rig.command(OODS, "disable")

        await task
        await rig.sleep(5.0)
        assert results(rig) == []

    run(scenario, CAMERA, HEADERS, OODS)


def test_an_image_whose_end_was_missed_is_ingested_after_its_header():
    async def scenario(rig):
        await rig.enable(CAMERA, HEADERS)
        task = rig.later(CAMERA, "takeImages", numImages=1, expTime=0.0, keyValueMap="imageType: BIAS")
        await rig.sleep(0.1 + 2.0 + 0.3 + 0.1)
        await rig.enable(OODS)
        await task
        await rig.sleep(5.0)

        assert [record["data"]["obsid"] for record in results(rig)] == ["AT_O_20260115_000001"]

    run(scenario, CAMERA, HEADERS, OODS)


@pytest.mark.parametrize(("status", "text"), [(1, "ingest failure"), (2, "metadata failure")])
def test_a_failing_ingest_is_told(status, text):
    async def scenario(rig):
        await enable(rig)
        rig.inject(OODS, "ingest_fails", status=status)

        await take_and_wait(rig)

        sample = rig.event(OODS, "imageInOODS")
        assert sample.statusCode == status
        assert text in sample.description
        assert rig.output(OODS, "ingested") == 0
        assert rig.state(OODS) == "ENABLED"

    run(scenario, CAMERA, HEADERS, OODS)


def test_cycling_does_not_cure_a_failing_ingest():
    async def scenario(rig):
        await enable(rig)
        rig.inject(OODS, "ingest_fails")
        await rig.set_state(OODS, "STANDBY")
        await rig.enable(OODS)

        await take_and_wait(rig)

        assert rig.event(OODS, "imageInOODS").statusCode == 1

    run(scenario, CAMERA, HEADERS, OODS)


def test_a_repair_cures_a_failing_ingest():
    async def scenario(rig):
        await enable(rig)
        rig.inject(OODS, "ingest_fails")

        rig.component(OODS).fire("ingest_repaired")
        await take_and_wait(rig)

        assert rig.state(OODS, "ingest") == "WORKING"
        assert rig.event(OODS, "imageInOODS").statusCode == 0

    run(scenario, CAMERA, HEADERS, OODS)


def test_a_silent_service_says_nothing():
    async def scenario(rig):
        await enable(rig)
        rig.inject(OODS, "silent")
        await take_and_wait(rig)
        rig.component(OODS).fire("ingest_repaired")

        await take_and_wait(rig)

        assert results(rig) == []
        assert rig.state(OODS, "ingest") == "SILENT"

    run(scenario, CAMERA, HEADERS, OODS)


def test_cycling_cures_a_silent_service():
    async def scenario(rig):
        await enable(rig)
        rig.inject(OODS, "silent")
        await rig.set_state(OODS, "DISABLED")

        await rig.enable(OODS)
        await take_and_wait(rig)

        assert rig.state(OODS, "ingest") == "WORKING"
        assert len(results(rig)) == 1

    run(scenario, CAMERA, HEADERS, OODS)
