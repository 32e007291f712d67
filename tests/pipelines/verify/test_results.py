from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from pipelines.image import CcdImage, MaskPlane
from pipelines.verify import Tolerances, merge_detectors, merge_exposures, verify_detector
from tests.pipelines.sensors import DETECTOR, SHAPE, inner


def bias(noise: float = 1.0, seed: int = 1, **header: Any) -> CcdImage:
    """Return a frame after ISR, of nominal read noise [adu]."""
    image = CcdImage.blank(SHAPE, {"OBSID": "a bias", "BUNIT": "adu", **header})
    rng = np.random.default_rng(seed)
    for name, amplifier in DETECTOR.amplifiers.items():
        sigma = amplifier.read_noise / amplifier.gain
        image.image[inner(name)] = rng.normal(0, noise * sigma, image.image[inner(name)].shape)
        image.variance[inner(name)] = sigma**2
        image.header[f"LSST ISR OVERSCAN NOISE {name}"] = noise * sigma
    return image


def flat(level: float = 20_000.0, seed: int = 1, **header: Any) -> CcdImage:
    image = CcdImage.blank(SHAPE, {"OBSID": "a flat", "EXPTIME": 4.0, "FILTER": "SDSSr_65mm", **header})
    image.image[...] = np.random.default_rng(seed).normal(level, 0.93 * np.sqrt(level), SHAPE)
    image.variance[...] = level
    return image


def test_good_bias_passes_every_test():
    found = verify_detector(bias(), DETECTOR, "bias")

    assert list(found) == ["AMP", "METADATA", "CATALOG", "DET", "ISR", "VERIFY", "SUCCESS"]
    assert found["SUCCESS"] is True
    assert set(found["AMP"]["C00"]) == {"MEAN", "NOISE", "CR_NOISE", "N_PIXELS", "AMP_CORNER"}
    names = ["MEAN", "NOISE", "CR_NOISE", "READ_NOISE_CONSISTENT", "PROCESSING", "SUCCESS"]
    assert found["VERIFY"]["AMP"] == {name: dict.fromkeys(names, True) for name in DETECTOR.amplifiers}
    assert json.loads(json.dumps(found)) == found


def test_statistics_are_those_of_the_pixels():
    image = bias()
    image.image[inner("C05")] += 3

    found = verify_detector(image, DETECTOR, "bias")["AMP"]["C05"]

    pixels = image.image[inner("C05")]
    assert found["MEAN"] == pytest.approx(pixels.mean(), rel=1e-5)
    assert found["NOISE"] == pytest.approx(pixels.std(), rel=2e-3)
    assert found["CR_NOISE"] == pytest.approx(pixels.std(), rel=2e-3)
    assert found["AMP_CORNER"] == pytest.approx(pixels.mean(), rel=1e-5)


@pytest.mark.parametrize("name", ["C00", "C17"])
def test_corner_is_the_one_that_is_read_first(name):
    rows, columns = 2 * 300, 8 * 300
    image = CcdImage.blank((rows, columns))
    box = 300 * DETECTOR.amplifiers[name].row, 300 * DETECTOR.amplifiers[name].column
    top, right = DETECTOR.amplifiers[name].flip_y, DETECTOR.amplifiers[name].flip_x
    first = (
        slice(box[0] + 100 * top, box[0] + 200 + 100 * top),
        slice(box[1] + 100 * right, box[1] + 200 + 100 * right),
    )
    image.image[first] = 8

    assert verify_detector(image, DETECTOR, "bias")["AMP"][name]["AMP_CORNER"] == 8


@pytest.mark.parametrize(("noise", "two_sided", "passes"), [(1.1, True, False), (0.9, True, False), (0.9, False, True)])
def test_noise_is_compared_with_the_nominal_one(noise, two_sided, passes):
    found = verify_detector(bias(noise), DETECTOR, "bias", Tolerances(two_sided=two_sided))

    assert all(tests["NOISE"] is passes for tests in found["VERIFY"]["AMP"].values())
    assert found["SUCCESS"] is passes


def test_noise_in_electrons_is_compared_with_electrons():
    image = bias(BUNIT="electron")
    for name, amplifier in DETECTOR.amplifiers.items():
        image.image[inner(name)] *= amplifier.gain
        image.variance[inner(name)] *= amplifier.gain**2

    assert verify_detector(image, DETECTOR, "bias")["SUCCESS"]


def test_overscan_noise_never_fails_an_amplifier_but_is_listed_with_others():
    image = bias()
    for name in ("C01", "C02"):
        image.header[f"LSST ISR OVERSCAN NOISE {name}"] *= 1.2
    image.image[inner("C02")] *= 1.2

    found = verify_detector(image, DETECTOR, "bias")

    assert found["VERIFY"]["AMP"]["C01"]["SUCCESS"]
    assert not found["VERIFY"]["AMP"]["C01"]["READ_NOISE_CONSISTENT"]
    merged = merge_detectors({"RXX_S00": found})
    assert merged["RXX_S00"] == {"SUCCESS": False, "FAILURES": ["C02 NOISE", "C02 READ_NOISE_CONSISTENT"]}


def test_cluster_of_bad_pixels_fails_the_noise_of_rays_until_it_is_masked():
    image = bias()
    image.image[20:26, 200:206] = 900  # amplifier C03: too wide for a ray

    found = verify_detector(image, DETECTOR, "bias")
    image.mask[20:26, 200:206] = MaskPlane.BAD
    masked = verify_detector(image, DETECTOR, "bias")

    assert [name for name, tests in found["VERIFY"]["AMP"].items() if not tests["CR_NOISE"]] == ["C03"]
    assert masked["SUCCESS"]


def test_rays_do_not_fail_a_frame():
    image = bias()
    image.image[20, 100] = image.image[50, 300] = image.image[51, 301] = 5000

    found = verify_detector(image, DETECTOR, "bias")

    assert found["SUCCESS"]


def test_too_many_rays_fail_the_processing():
    image = bias()
    image.image[::3, ::3] += 500

    found = verify_detector(image, DETECTOR, "bias")

    assert "look like cosmic rays" in found["METADATA"]["FORCE_FAILURE"]
    assert not any(tests["PROCESSING"] for tests in found["VERIFY"]["AMP"].values())
    assert "C00 PROCESSING" in merge_detectors({"RXX_S00": found})["RXX_S00"]["FAILURES"]


def test_amplifier_masked_as_a_whole_does_not_fail():
    image = bias()
    image.mask[inner("C07")] = MaskPlane.BAD

    assert verify_detector(image, DETECTOR, "bias")["SUCCESS"]


def test_flat_is_held_to_its_noise_and_scatter():
    good, step, noisy = flat(), flat(), flat()
    for name in list(DETECTOR.amplifiers)[:8]:
        step.image[inner(name)] *= 1.11
    noisy.image[inner("C04")] += np.random.default_rng(9).normal(0, 60, noisy.image[inner("C04")].shape)

    found = [verify_detector(each, DETECTOR, "flat") for each in (good, step, noisy)]

    assert [each["SUCCESS"] for each in found] == [True, False, False]
    assert merge_detectors({"RXX_S00": found[1]})["RXX_S00"]["FAILURES"] == ["SCATTER"]
    assert merge_detectors({"RXX_S00": found[2]})["RXX_S00"]["FAILURES"] == ["C04 NOISE"]
    assert "CR_NOISE" not in found[0]["AMP"]["C00"]


def test_results_are_merged_by_detector_and_by_exposure():
    good, poor = verify_detector(bias(), DETECTOR, "bias"), verify_detector(bias(1.1), DETECTOR, "bias")

    exposures = {
        1: merge_detectors({"R22_S00": good, "R22_S01": good}),
        2: merge_detectors({"R22_S00": good, "R22_S01": poor}),
    }
    run = merge_exposures(exposures)

    assert exposures[1]["SUCCESS"]
    assert exposures[1]["R22_S00"] == {"SUCCESS": True}
    assert not exposures[2]["SUCCESS"]
    assert set(run) == {1, 2, "SUCCESS"}
    assert run[1] == {"SUCCESS": True}
    assert "R22_S01 C07 NOISE" in run[2]["FAILURES"]
    assert not run["SUCCESS"]


def merged(images: list[CcdImage]) -> dict:
    results = {
        number: merge_detectors({"RXX_S00": verify_detector(image, DETECTOR, "flat")})
        for number, image in enumerate(images)
    }
    return merge_exposures(results, "flat")


def test_flats_that_drift_fail_their_level():
    steady = merged([flat(20_000 * (1 + 0.003 * (-1) ** n), seed=n) for n in range(6)])
    drifting = merged([flat(20_000 * 0.95**n, seed=n) for n in range(6)])

    assert steady["SUCCESS"]
    assert not drifting["SUCCESS"]
    assert drifting[0] == {"SUCCESS": False, "FAILURES": ["RXX_S00 LEVEL"]}
    assert drifting[2] == {"SUCCESS": True}


def test_flats_of_other_times_and_filters_are_no_drift():
    images = [flat(20_000), flat(20_000), flat(10_000, EXPTIME=2.0), flat(10_000, EXPTIME=2.0)]
    others = [flat(9_000, FILTER="SDSSz_65mm"), flat(9_000, FILTER="SDSSz_65mm")]

    assert merged(images + others)["SUCCESS"]


def test_other_kinds_are_not_verified():
    with pytest.raises(ValueError, match="a fringe is not verified; bias, dark, flat are"):
        verify_detector(bias(), DETECTOR, "fringe")
