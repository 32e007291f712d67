"""The troubles of the pipeline service, as an observer meets them and gets out of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from csc import AckError
from tests.acceptance.faults.bench import LATISS, Bench, about

READY = (*LATISS, "OCPS:1")
MAKE = "auxtel/make_latiss_calibrations.py"
THREE_BIASES = "{script_mode: BIAS, n_bias: 3}"
JOB: dict[str, Any] = {
    "pipeline": "verifyBias.yaml",
    "version": "",
    "config": "-j 8",
    "data_query": "instrument='LATISS'",
}


def verdicts(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return what a script says of the verification."""
    return [(level, text) for level, text in lines if text.startswith("bias: ")]


@about("OCPS:1.service_down", enabled=READY)
async def test_calibrations_go_on_without_the_pipeline_service(bench: Bench) -> None:
    """Service down: execute fails without a FAULT, the script logs it and goes on; wait for the service."""
    bench.inject("OCPS:1.service_down")
    await bench.refused("OCPS:1.execute", "the pipeline service does not answer", **JOB)
    assert bench.summary("OCPS:1") == "ENABLED"
    made = await bench.script(MAKE, THREE_BIASES)
    assert [level for level, _ in verdicts(made.lines)] == ["error"]
    assert bench.event("OCPS:1.job_result") is None

    await bench.cycle("OCPS:1")
    await bench.refused("OCPS:1.execute", "the pipeline service does not answer", **JOB)

    bench.by_hand("OCPS:1.service_restored")
    made = await bench.script(MAKE, THREE_BIASES)
    assert [level for level, _ in verdicts(made.lines)] == ["info"]
    assert bench.event("OCPS:1.job_result").exit_code == 0


@about("OCPS:1.service_down", enabled=READY)
async def test_job_that_is_under_way_is_lost_with_the_service(bench: Bench) -> None:
    """Service down under a job: its command fails, there is no result; send it again once the service is back."""
    job = bench.begin("OCPS:1.execute", **JOB)
    await bench.sleep(3.0)
    bench.inject("OCPS:1.service_down")
    with pytest.raises(AckError, match="the pipeline service does not answer"):
        await job
    assert bench.event("OCPS:1.job_result") is None
    assert bench.summary("OCPS:1") == "ENABLED"

    await bench.refused("OCPS:1.abort_job", "the pipeline service does not answer", job_id="1")

    bench.by_hand("OCPS:1.service_restored")
    await bench.command("OCPS:1.execute", **JOB)
    assert bench.event("OCPS:1.job_result").exit_code == 0


@about("OCPS:1.job_error", enabled=READY)
async def test_job_that_ends_badly_leaves_the_images_unverified(bench: Bench) -> None:
    """Job error: exit code 1, the verification is missing, the script ends well; read the job's log and mend it."""
    bench.inject("OCPS:1.job_error", times=100)
    made = await bench.script(MAKE, THREE_BIASES)
    result = bench.event("OCPS:1.job_result")
    assert result.exit_code == 1
    assert json.loads(result.result)["phase"] == "error"
    assert verdicts(made.lines) == [("error", "bias: not verified; the pipeline failed; see its log")]

    await bench.cycle("OCPS:1")
    made = await bench.script(MAKE, THREE_BIASES)
    assert [level for level, _ in verdicts(made.lines)] == ["error"]

    bench.by_hand("OCPS:1.pipeline_mended")
    made = await bench.script(MAKE, THREE_BIASES)
    assert [level for level, _ in verdicts(made.lines)] == ["info"]


@about("OCPS:1.job_slow", enabled=READY)
async def test_job_that_takes_too_long_is_given_up(bench: Bench) -> None:
    """Job slow: no result, and after 30 s a task the script gives up with a warning; wait until there is more power."""
    bench.inject("OCPS:1.job_slow")
    made = await bench.script(MAKE, THREE_BIASES)
    assert bench.event("OCPS:1.job_result") is None
    assert verdicts(made.lines) == []
    assert [level for level, text in made.lines if "BIAS" in text and "30 s" in text] == ["warning"]

    await bench.cycle("OCPS:1")
    made = await bench.script(MAKE, THREE_BIASES)
    assert verdicts(made.lines) == []

    bench.by_hand("OCPS:1.service_relieved")
    made = await bench.script(MAKE, THREE_BIASES)
    assert [level for level, _ in verdicts(made.lines)] == ["info"]
