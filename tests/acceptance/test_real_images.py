"""Calibrations that end as the observatory's do: real images, verified and certified in a real butler; or refused."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsst.daf.butler import Butler

from csc.latiss.detector.recipes import make_exposure
from csc.ocps.backend import JobRequest
from csc.ocps.image_folder import image_folder
from cscsim.locate import open_site
from fsm import Record
from procedures import Rehearsal, Report, load_procedure, rehearse

SCALE = 0.04
BIASES = """\
procedure: biases
kind: rehearsal
title: Biases, combined and certified
begins:
  states: {{LATISS: ENABLED, "OCPS:1": ENABLED}}
  parameters: {parameters}
steps:
  - id: script
    call:
      procedure: auxtel/make_latiss_calibrations.py
      config: {{script_mode: BIAS, n_bias: 12, generate_calibrations: true, calib_collection: {collection}}}
"""


class Log:
    """Keeps what scripts and procedures write into their logs."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def begin(self, *_: Any) -> None:
        """Begin."""

    def see(self, record: Record) -> None:
        if record["kind"] == "log":
            self.lines.append(str(record["message"]))


def take_biases(folder: Path, collection: str, parameters: str = "{}") -> tuple[Report, list[str]]:
    site = open_site()
    log = Log()
    with image_folder(folder, SCALE) as lent:
        rehearsal = Rehearsal(
            procedure=load_procedure(BIASES.format(parameters=parameters, collection=collection), site.vocabulary),
            library=site.library,
            blocks=site.blocks,
            observatory=site.sheet,
            seed=1,
            lent=lent,
        )
        return rehearse(rehearsal, spectator=log), log.lines


def certified(folder: Path, kind: str, collection: str) -> int:
    with Butler.from_config(str(folder / "repo")) as butler:
        if collection not in butler.collections.query("LATISS/calib/*"):
            return 0
        return len(butler.query_datasets(kind, collections=collection, find_first=False, explain=False))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return Path(tmp_path_factory.mktemp("real")) / "images"


@pytest.mark.timeout(180)
def test_good_biases_are_combined_verified_and_certified(folder) -> None:
    report, log = take_biases(folder, "LATISS/calib/good")

    assert report.passed, report.because
    assert len(list(folder.glob("raw/LATISS/*/*.fits"))) == 13
    assert any(line.startswith("bias: verified; ") for line in log), log
    assert any("bias: certified in LATISS/calib/good" in line for line in log), log
    assert certified(folder, "bias", "LATISS/calib/good") == 1


@pytest.mark.timeout(180)
def test_noisy_biases_are_refused_with_the_test_the_amplifiers_and_the_exposures(folder) -> None:
    report, log = take_biases(folder, "LATISS/calib/noisy", "{ATCamera: {read_noise_factor: 1.1}}")

    assert report.passed  # what happens at OCPS never fails the script
    assert len(list(folder.glob("raw/LATISS/*/*.fits"))) == 26, "the new images are numbered after the old ones"
    [refusal] = [line for line in log if line.startswith("bias: not verified; ")]
    assert "NOISE " in refusal
    assert "bad exposures 12 (2026" in refusal
    assert certified(folder, "bias", "LATISS/calib/noisy") == 0


@pytest.mark.timeout(180)
def test_a_job_that_is_killed_leaves_the_repository_whole_and_can_be_done_again(folder) -> None:
    with image_folder(folder, SCALE) as lent:
        workshop: Any = lent["workshop"]
        archive: Any = lent["archive"]
        images = [make_exposure("BIAS", 9000 + number, exposure_time=0.0, seed=number) for number in range(4)]
        assert not any(archive.take(image, "LATISS", "R00_S00") for image in images)

        def job(name: str) -> JobRequest:
            exposures = ", ".join(str(image.id) for image in images)
            return JobRequest(
                job_id=name,
                run_id="1",
                instrument="LATISS",
                pipeline="${CP_PIPE_DIR}/pipelines/LATISS/cpBias.yaml",
                config=("-i", "LATISS/calib", "-c", "isr:doDefect=False"),
                data_query=f"instrument='LATISS' AND detector IN (0) AND exposure IN ({exposures})",
                output_collection=f"u/ocps/{name}",
            )

        killed = workshop.begin(job("first"))
        until(lambda: "isr" in workshop.log_of("first").read_text() if workshop.log_of("first").exists() else False)
        workshop._process.kill()
        outcome = killed.result()
        again = workshop.begin(job("second")).result()

    assert not outcome.succeeded
    assert f"(exit code {-signal.SIGKILL})" in outcome.message
    assert again.succeeded, again.message
    assert again.outputs == ("bias instrument=LATISS, detector=0",)


def until(so: Callable[[], bool], limit: float = 60.0) -> None:
    end = time.monotonic() + limit
    while not so():
        assert time.monotonic() < end
        time.sleep(0.01)
