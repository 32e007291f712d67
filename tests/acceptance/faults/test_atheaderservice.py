"""The header service's troubles, as an observer meets them and gets out of them."""

from __future__ import annotations

from tests.acceptance.faults.bench import LATISS, Bench, about

BIAS = "{image_type: BIAS}"
TAKE = "auxtel/take_image_latiss.py"


@about("ATHeaderService.upload_fails", enabled=LATISS)
async def test_header_that_cannot_be_written_leaves_the_image_out_of_the_archive(bench: Bench) -> None:
    """Cannot write or upload: FAULT 9, no file event, nothing ingested; cycle the service."""
    bench.inject("ATHeaderService.upload_fails")
    await bench.script(TAKE, BIAS)
    await bench.until("ATHeaderService.errorCode", errorCode=9, limit=60.0)
    assert bench.fault_code("ATHeaderService") == 9
    await bench.sleep(120.0)
    assert bench.event("ATHeaderService.largeFileObjectAvailable") is None
    assert bench.event("ATOODS.imageInOODS") is None

    await bench.cycle("ATOODS")
    await bench.script(TAKE, BIAS)
    await bench.sleep(120.0)
    assert bench.event("ATOODS.imageInOODS") is None

    await bench.script("auxtel/enable_latiss.py")
    await bench.script(TAKE, BIAS)
    await bench.until("ATOODS.imageInOODS", obsid=bench.last_image.name, statusCode=0, limit=30.0)
    assert bench.event("ATHeaderService.largeFileObjectAvailable").id == bench.last_image.name


@about("ATHeaderService.upload_fails", enabled=LATISS)
async def test_checkout_notices_that_no_header_is_written(bench: Bench) -> None:
    """Cannot write or upload: the daytime checkout waits for the archive and fails."""
    bench.inject("ATHeaderService.upload_fails")
    await bench.script_fails(
        "auxtel/daytime_checkout/latiss_checkout.py", "the archive has not told of the image within 10 s"
    )

    await bench.script("auxtel/enable_latiss.py")
    await bench.script("auxtel/daytime_checkout/latiss_checkout.py")
