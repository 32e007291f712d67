"""Flats of a camera of several detectors: its exposures share one brightness, its detectors differ."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lsst.daf.butler import Butler

from tests.pipelines import raws, repositories

RESPONSES = {0: 1.0, 4: 1.1}
BIASES = [shot for detector in RESPONSES for shot in raws.biases(2, instrument="LSSTComCam", detector=detector)]
FLATS = [
    replace(shot, rate=shot.rate * response, exposure_time=1.0 + number)
    for detector, response in RESPONSES.items()
    for number, shot in enumerate(raws.flats(2, instrument="LSSTComCam", detector=detector))
]
INPUTS = ("LSSTComCam/raw/all", "LSSTComCam/calib")
WITHOUT = {"isr:doDefect": False, "isr:doDark": False, "isr:doLinearize": False, "isr:doCrosstalk": False}


@pytest.mark.timeout(120)
def test_exposures_are_scaled_by_their_brightness_and_detectors_keep_their_response(
    repository: Path, tmp_path: Path
) -> None:
    shots = [replace(shot, filter="r_03") for shot in (*BIASES, *FLATS)]
    repositories.fill(repository, shots, tmp_path / "raw")
    repositories.run(repository, "cp_pipe/LSSTComCam/cpBias", "u/bias", BIASES, INPUTS)
    options = {**WITHOUT, "cpFlatMeasure:doVignette": False}
    repositories.run(repository, "cp_pipe/LSSTComCam/cpFlat", "u/flat", FLATS, ("u/bias/run", *INPUTS), options)

    with Butler.from_config(str(repository), collections="u/flat/run") as butler:
        place = {"instrument": "LSSTComCam", "physical_filter": "r_03"}
        scales = butler.get("cpFlatNormScales", place)
        means = {detector: float(butler.get("flat", place, detector=detector).image.mean()) for detector in RESPONSES}

    first, second = (shot.exposure for shot in FLATS[:2])
    assert scales["brightness"][second] / scales["brightness"][first] == pytest.approx(2.0, rel=0.01)
    assert means[4] / means[0] == pytest.approx(1.1, rel=0.01)
    assert sum(means.values()) / 2 == pytest.approx(1.0, rel=0.01)
