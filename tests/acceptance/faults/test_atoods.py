"""The archive's troubles, as an observer meets them and gets out of them."""

from __future__ import annotations

from tests.acceptance.faults.bench import LATISS, Bench, about

READY = (*LATISS, "OCPS:1")
BIAS = "{image_type: BIAS}"
TAKE = "auxtel/take_image_latiss.py"
MAKE = "auxtel/make_latiss_calibrations.py"
THREE_BIASES = "{script_mode: BIAS, n_bias: 3, do_verify: false}"
CHECKOUT = "auxtel/daytime_checkout/latiss_checkout.py"


@about("ATOODS.ingest_fails", enabled=READY)
async def test_image_that_is_not_ingested_is_counted_all_the_same(bench: Bench) -> None:
    """Ingest failure: statusCode 1, the calibrations do not notice, the checkout does; see to the ingest."""
    bench.inject("ATOODS.ingest_fails")
    await bench.script(TAKE, BIAS)
    await bench.until("ATOODS.imageInOODS", statusCode=1, limit=30.0)
    assert "the butler refused the file" in bench.event("ATOODS.imageInOODS").description
    made = await bench.script(MAKE, THREE_BIASES)
    assert not [text for _, text in made.lines if "not ingested" in text]

    await bench.cycle("ATOODS")
    await bench.script_fails(CHECKOUT, "was not ingested: ingest failure: the butler refused the file")

    bench.by_hand("ATOODS.ingest_repaired")
    await bench.script(CHECKOUT)
    assert bench.event("ATOODS.imageInOODS").statusCode == 0


@about("ATOODS.ingest_fails", enabled=READY)
async def test_image_without_readable_metadata_says_so(bench: Bench) -> None:
    """Ingest failure, metadata: statusCode 2; see to the ingest."""
    bench.inject("ATOODS.ingest_fails", status=2)
    await bench.script(TAKE, BIAS)
    await bench.until("ATOODS.imageInOODS", statusCode=2, limit=30.0)

    await bench.cycle("ATHeaderService", "ATOODS")
    await bench.script(TAKE, BIAS)
    await bench.until("ATOODS.imageInOODS", obsid=bench.last_image.name, statusCode=2, limit=30.0)

    bench.by_hand("ATOODS.ingest_repaired")
    await bench.script(TAKE, BIAS)
    await bench.until("ATOODS.imageInOODS", obsid=bench.last_image.name, statusCode=0, limit=30.0)


@about("ATOODS.silent", enabled=READY)
async def test_archive_that_says_nothing_is_waited_for_and_passed_over(bench: Bench) -> None:
    """Silent: no event; the calibrations log an error after 120 s and go on; cycle the service."""
    bench.inject("ATOODS.silent")
    begun = bench.now
    made = await bench.script(MAKE, THREE_BIASES)
    errors = [text for level, text in made.lines if level == "error"]
    assert len(errors) == 1
    assert errors[0].startswith("ATOODS: not ingested after 120 s: AT_O_20260115_000001")
    assert bench.now - begun > 120.0
    assert bench.event("ATOODS.imageInOODS") is None

    await bench.cycle("ATHeaderService")
    await bench.script_fails(CHECKOUT, "the archive has not told of the image within 10 s")

    await bench.cycle("ATOODS")
    made = await bench.script(MAKE, THREE_BIASES)
    assert not [text for level, text in made.lines if level == "error"]
