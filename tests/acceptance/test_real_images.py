"""Calibrations that end as the observatory's do: real images, verified and certified in a real butler; or refused."""

from __future__ import annotations

import re
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
from tests.docs.blocks import DOCS, blocks_of
from tests.docs.clone import Clone
from tests.docs.test_snippets import difference, run_console

SCALE = 0.04
PAGE = DOCS / "how-to" / "make-real-calibrations.md"
"""Rehearses good biases and then noisy ones, into one folder of images."""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Do what the page says, and find there what it says; return where, and what each block has written."""
    place = tmp_path_factory.mktemp("real")
    shell = Clone(place, apart=False)
    outputs = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for block in blocks_of(PAGE.read_text(encoding="utf-8")):
            wrong = run_console(block, shell, PAGE)
            assert not wrong, "\n\n".join(difference(PAGE, *each) for each in wrong)
            outputs.append(" ".join("\n".join(shell.output).split()))
    return place, outputs


@pytest.fixture
def folder(said: tuple[Path, list[str]]) -> Path:
    return said[0] / "calibrations"


def certified(folder: Path, kind: str, collection: str) -> int:
    with Butler.from_config(str(folder / "repo")) as butler:
        if collection not in butler.collections.query("LATISS/calib/*"):
            return 0
        return len(butler.query_datasets(kind, collections=collection, find_first=False, explain=False))


@pytest.mark.timeout(180)
def test_good_biases_are_combined_verified_and_certified(said, folder) -> None:
    good, *_ = said[1]

    assert "outcome PASSED" in good
    assert "observer bias: verified; tests failed: " in good
    assert certified(folder, "bias", "LATISS/calib/daily") == 1


@pytest.mark.timeout(180)
def test_noisy_biases_are_refused_with_the_test_the_amplifiers_and_the_exposures(said, folder) -> None:
    *_, noisy = said[1]

    assert "outcome PASSED" in noisy  # what happens at OCPS never fails the script
    refusal = noisy.partition("observer bias: not verified; ")[2]
    assert re.search(r"\bNOISE \d+ \(C\d\d", refusal)
    assert "bad exposures 12 (2026" in refusal
    assert certified(folder, "bias", "LATISS/calib/noisy") == 0


@pytest.mark.timeout(180)
def test_new_images_are_numbered_after_the_old_ones(folder) -> None:
    numbers = sorted(int(path.name.split("_")[3]) for path in folder.glob("raw/LATISS/2026*/*.fits"))

    assert numbers[:26] == list(range(1, 27))


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
