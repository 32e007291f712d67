"""ComCam's header and data services: as LATISS', for another camera and with nine files an image."""

from __future__ import annotations

from typing import Any

import pytest

from tests.csc.rig import Rig, run

CAMERA, HEADERS, OODS = "CCCamera", "CCHeaderService", "CCOODS"


async def take(rig: Rig) -> None:
    await rig.command(CAMERA, "takeImages", numImages=1, expTime=0.0, keyValueMap="imageType: BIAS")
    await rig.sleep(5.0)


def ingested(rig: Rig) -> list[dict[str, Any]]:
    return [record["data"] for record in rig.records("event", OODS) if record["topic"] == "imageInOODS"]


async def enable(rig: Rig) -> None:
    await rig.enable(CAMERA, HEADERS, OODS)


def test_an_image_is_ingested_nine_times_once_a_sensor():
    async def scenario(rig):
        await enable(rig)

        await take(rig)

        places = [f"S{row}{column}" for row in range(3) for column in range(3)]
        assert len(ingested(rig)) == 9
        assert [record["sensor"] for record in ingested(rig)] == places
        sample = rig.event(OODS, "imageInOODS")
        assert (sample.camera, sample.obsid, sample.raft) == ("LSSTComCam", "CC_O_20260115_000001", "R22")
        assert rig.output(OODS, "ingested") == 1

    run(scenario, CAMERA, HEADERS, OODS)


def test_a_header_lies_under_the_name_of_its_service():
    async def scenario(rig):
        await enable(rig)

        await take(rig)

        header = rig.event(HEADERS, "largeFileObjectAvailable")
        assert header.id == "CC_O_20260115_000001"
        assert header.url.endswith(
            "/CCHeaderService/header/2026/01/15/CCHeaderService_header_CC_O_20260115_000001.yaml"
        )

    run(scenario, CAMERA, HEADERS, OODS)


def test_without_a_header_nothing_is_ingested_until_the_service_is_cycled():
    async def scenario(rig):
        await enable(rig)
        rig.inject(HEADERS, "upload_fails")
        await take(rig)
        assert (rig.state(HEADERS), ingested(rig)) == ("FAULT", [])

        await rig.set_state(HEADERS, "STANDBY")
        await rig.enable(HEADERS)
        await take(rig)

        assert len(ingested(rig)) == 9

    run(scenario, CAMERA, HEADERS, OODS)


@pytest.mark.parametrize("status", [1, 2])
def test_a_failing_ingest_is_told_of_each_sensor_until_it_is_repaired(status):
    async def scenario(rig):
        await enable(rig)
        rig.inject(OODS, "ingest_fails", status=status)
        await take(rig)
        assert rig.event(OODS, "imageInOODS").statusCode == status
        assert len(ingested(rig)) == 9

        rig.component(OODS).fire("ingest_repaired")
        await take(rig)

        assert rig.event(OODS, "imageInOODS").statusCode == 0

    run(scenario, CAMERA, HEADERS, OODS)


def test_a_silent_service_is_cured_by_a_cycle():
    async def scenario(rig):
        await enable(rig)
        rig.inject(OODS, "silent")
        await take(rig)
        assert ingested(rig) == []

        await rig.set_state(OODS, "DISABLED")
        await rig.enable(OODS)
        await take(rig)

        assert len(ingested(rig)) == 9

    run(scenario, CAMERA, HEADERS, OODS)
