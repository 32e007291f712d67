"""The header service: one header per image, when it comes, and when it does not."""

from typing import Any

import pytest

from csc import AckError
from tests.csc.rig import Rig, run

CAMERA, HEADERS = "ATCamera", "ATHeaderService"
FILE = "largeFileObjectAvailable"


async def take(rig: Rig, number: int = 1) -> None:
    await rig.command(CAMERA, "takeImages", numImages=number, expTime=1.0, keyValueMap="imageType: DARK")


async def enable(rig: Rig) -> None:
    await rig.enable(CAMERA, HEADERS)


def files(rig: Rig) -> list[dict[str, Any]]:
    return [record for record in rig.records("event", HEADERS) if record["topic"] == FILE]


def test_an_image_gets_a_header():
    async def scenario(rig):
        await enable(rig)
        await take(rig)
        await rig.sleep(5.0)

        sample = rig.event(HEADERS, FILE)
        assert sample.id == "AT_O_20260115_000001"
        assert sample.url.endswith("/header/2026/01/15/ATHeaderService_header_AT_O_20260115_000001.yaml")
        assert sample.generator == HEADERS
        assert sample.byteSize > 0

    run(scenario, CAMERA, HEADERS)


def test_a_header_follows_the_end_of_its_image():
    async def scenario(rig):
        await enable(rig)
        for _ in range(20):
            await take(rig)
        await rig.sleep(5.0)

        ends = [r["t"] for r in rig.records("event", CAMERA) if r["topic"] == "endOfImageTelemetry"]
        delays = [record["t"] - end for record, end in zip(files(rig), ends, strict=True)]
        assert all(0.5 <= delay <= 2.0 for delay in delays)
        assert len(set(delays)) == 20

    run(scenario, CAMERA, HEADERS)


def test_each_image_of_a_series_gets_its_header():
    async def scenario(rig):
        await enable(rig)
        await take(rig, 4)
        await rig.sleep(5.0)

        assert [record["data"]["id"][-1] for record in files(rig)] == ["1", "2", "3", "4"]
        assert rig.state(HEADERS, "header") == "IDLE"

    run(scenario, CAMERA, HEADERS)


def test_no_header_is_written_unless_enabled():
    async def scenario(rig):
        await rig.enable(CAMERA)
        await rig.set_state(HEADERS, "DISABLED")
        await take(rig)
        await rig.sleep(5.0)

        assert files(rig) == []
        assert rig.state(HEADERS, "service") == "STOPPED"

    run(scenario, CAMERA, HEADERS)


def test_disabling_drops_the_header():
    async def scenario(rig):
        await enable(rig)
        task = rig.later(CAMERA, "takeImages", numImages=1, expTime=5.0, keyValueMap="imageType: DARK")
        await rig.sleep(2.0)
        assert rig.state(HEADERS, "header") == "COLLECTING"

        await rig.command(HEADERS, "disable")

        assert rig.state(HEADERS, "header") == "IDLE"
        await task
        await rig.sleep(5.0)
        assert files(rig) == []

    run(scenario, CAMERA, HEADERS)


def test_disabling_drops_a_header_that_is_being_written():
    async def scenario(rig):
        await enable(rig)
        task = rig.later(CAMERA, "takeImages", numImages=1, expTime=5.0, keyValueMap="imageType: DARK")
        await rig.sleep(0.1 + 5.0 + 2.0 + 0.3 + 0.1)
        await rig.command(HEADERS, "disable")
        await task
        await rig.sleep(5.0)

        assert files(rig) == []

    run(scenario, CAMERA, HEADERS)


async def lose_an_image(rig: Rig) -> None:
    task = rig.later(CAMERA, "takeImages", numImages=1, expTime=5.0, keyValueMap="imageType: DARK")
    await rig.sleep(2.0)
    rig.inject(CAMERA, "sequencer_stops")
    with pytest.raises(AckError):
        await task


def test_a_header_whose_image_never_ends_is_dropped():
    async def scenario(rig):
        await enable(rig)
        await lose_an_image(rig)
        await rig.sleep(30.0)
        assert rig.state(HEADERS, "header") == "COLLECTING"
        await rig.sleep(8.0)

        assert rig.state(HEADERS, "header") == "IDLE"
        line = "AT_O_20260115_000001: no endOfImageTelemetry in 37.3 s; its header is dropped"
        assert rig.log_lines(HEADERS)[-1] == line
        assert files(rig) == []

    run(scenario, CAMERA, HEADERS)


def test_the_next_image_replaces_one_that_never_ended():
    async def scenario(rig):
        await enable(rig)
        await lose_an_image(rig)
        rig.component(CAMERA).fire("console_recovered")
        await rig.enable(CAMERA)

        await take(rig)
        await rig.sleep(5.0)

        assert "its header is dropped" in rig.log_lines(HEADERS)[-1]
        assert [record["data"]["id"] for record in files(rig)] == ["AT_O_20260115_000002"]

    run(scenario, CAMERA, HEADERS)


def test_an_image_that_began_before_the_service_gets_no_header():
    async def scenario(rig):
        await rig.enable(CAMERA)
        task = rig.later(CAMERA, "takeImages", numImages=1, expTime=5.0, keyValueMap="imageType: DARK")
        await rig.sleep(2.0)
        await rig.enable(HEADERS)
        await task
        await rig.sleep(5.0)

        assert files(rig) == []

    run(scenario, CAMERA, HEADERS)


def test_a_failing_upload_is_seen_with_the_next_image():
    async def scenario(rig):
        await enable(rig)
        rig.inject(HEADERS, "upload_fails")
        assert rig.state(HEADERS) == "ENABLED"

        await take(rig)

        assert rig.state(HEADERS) == "FAULT"
        assert rig.event(HEADERS, "errorCode").errorCode == 9
        assert files(rig) == []

    run(scenario, CAMERA, HEADERS)


def test_a_failing_upload_is_seen_when_the_service_starts():
    async def scenario(rig):
        await rig.set_state(HEADERS, "DISABLED")
        rig.inject(HEADERS, "upload_fails")

        await rig.command(HEADERS, "enable")

        assert rig.state(HEADERS) == "FAULT"
        assert rig.event(HEADERS, "errorCode").errorCode == 9

    run(scenario, CAMERA, HEADERS)


def test_disable_and_enable_do_not_cure_a_failing_upload():
    async def scenario(rig):
        await enable(rig)
        rig.inject(HEADERS, "upload_fails")
        await rig.set_state(HEADERS, "DISABLED")

        await rig.command(HEADERS, "enable")

        assert rig.state(HEADERS) == "FAULT"

    run(scenario, CAMERA, HEADERS)


def test_cycling_cures_a_failing_upload():
    async def scenario(rig):
        await enable(rig)
        rig.inject(HEADERS, "upload_fails")
        await take(rig)

        await rig.set_state(HEADERS, "ENABLED")
        await take(rig)
        await rig.sleep(5.0)

        assert rig.state(HEADERS, "storage") == "WORKING"
        assert [record["data"]["id"] for record in files(rig)] == ["AT_O_20260115_000002"]

    run(scenario, CAMERA, HEADERS)
