"""Verification from raw images on: calibrations are made, applied and judged; good ones pass, bad ones do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from pipelines.combine import CcdReader, CombineSettings, combine
from pipelines.cosmic_rays import repair_cosmic_rays
from pipelines.image import CcdImage, MaskPlane, RawImage
from pipelines.isr import IsrSettings, correct
from pipelines.verify import merge_detectors, merge_exposures, verify_detector
from procedures.verification import judge
from tests.pipelines.sensors import DETECTOR, SHAPE, Sensor

PLAIN = IsrSettings(do_bias=False, do_dark=False, do_flat=False, do_defect=False)
STEPS = {
    "bias": replace(PLAIN, do_bias=True),
    "dark": replace(PLAIN, do_bias=True, do_dark=True),
    "flat": replace(PLAIN, do_bias=True, do_dark=True, do_flat=True),
}
SCALING = {"bias": "Unity", "dark": "DarkTime", "flat": "MeanStats"}
BEFORE = {"bias": PLAIN, "dark": STEPS["bias"], "flat": STEPS["dark"]}


def generate(kind: str, raws: Sequence[RawImage], **calibrations: Any) -> CcdImage:
    images = [correct(raw, DETECTOR, BEFORE[kind], **calibrations) for raw in raws]
    if kind == "dark":
        for image in images:
            repair_cosmic_rays(image, gain=1.083)
    settings = CombineSettings(threads=1, ignored=CombineSettings().ignored | MaskPlane.CR)
    return combine([CcdReader(each) for each in images], settings, kind=kind, scaling=SCALING[kind])


def verify(kind: str, raws: Sequence[RawImage], **calibrations: Any) -> dict[Any, Any]:
    results = {}
    for number, raw in enumerate(raws):
        image = correct(raw, DETECTOR, STEPS[kind], **calibrations)
        results[2026030100001 + number] = merge_detectors({DETECTOR.name: verify_detector(image, DETECTOR, kind)})
    return merge_exposures(results, kind)


def failed_tests(stats: dict[Any, Any]) -> set[str]:
    return {line.split()[-1] for each in stats.values() if isinstance(each, dict) for line in each.get("FAILURES", ())}


def biases(count: int, sensor: Sensor | None = None) -> list[RawImage]:
    return [(sensor or Sensor()).expose(number) for number in range(count)]


def darks(count: int, sensor: Sensor | None = None, first: int = 0) -> list[RawImage]:
    return [(sensor or Sensor()).expose(first + number, "DARK", seconds=30.0) for number in range(count)]


def flats(count: int, sensor: Sensor | None = None, rates: Sequence[float] = ()) -> list[RawImage]:
    rates = rates or [5000.0] * count
    return [(sensor or Sensor()).expose(n, "FLAT", seconds=4.0, rate=rates[n]) for n in range(count)]


@cache
def good_bias() -> CcdImage:
    return generate("bias", biases(20))


@cache
def good_dark() -> CcdImage:
    return generate("dark", darks(20), bias=good_bias())


def test_twenty_biases_verify_themselves():
    stats = verify("bias", biases(20), bias=good_bias())

    assert stats["SUCCESS"], stats
    assert judge(stats, threshold=8, detectors=1).passed


def test_three_biases_fail_noise():
    """A frame that is one of three combined has two thirds of its variance left; 20 frames are advised for that."""
    raws = biases(3)

    stats = verify("bias", raws, bias=generate("bias", raws))

    assert failed_tests(stats) == {"NOISE"}
    assert not judge(stats, threshold=8, detectors=1).passed


def test_read_noise_ten_percent_up_fails_noise():
    stats = verify("bias", biases(6, Sensor(noise=1.1)), bias=good_bias())

    assert "NOISE" in failed_tests(stats)
    assert not judge(stats, threshold=8, detectors=1).passed


def test_shifted_bias_fails_mean():
    sensor = Sensor()
    sensor.bias = sensor.bias + 12

    stats = verify("bias", biases(4, sensor), bias=good_bias())

    assert failed_tests(stats) == {"MEAN"}
    assert not judge(stats, threshold=8, detectors=1).passed


def test_bad_column_fails_until_it_is_masked():
    sensor = Sensor()
    sensor.bias = sensor.bias.copy()
    sensor.bias[:, 200] += np.random.default_rng(8).normal(80, 40, SHAPE[0])

    stats = verify("bias", biases(4, sensor), bias=good_bias())

    assert not stats["SUCCESS"]
    assert stats[2026030100001]["FAILURES"] == ["RXX_S00 C13 CR_NOISE", "RXX_S00 C03 CR_NOISE"]


def test_good_darks_pass():
    stats = verify("dark", darks(20), bias=good_bias(), dark=good_dark())

    assert stats["SUCCESS"], stats


def test_warm_detector_fails():
    warm = Sensor(dark_current=1.0)

    stats = verify("dark", darks(4, warm), bias=good_bias(), dark=good_dark())

    assert "MEAN" in failed_tests(stats)
    assert not judge(stats, threshold=8, detectors=1).passed


def test_swapped_darks_fail():
    """Darks that are flats by mistake: neither do they pass against a good dark, nor good ones against theirs."""
    swapped = [
        replace(raw, header={**raw.header, "IMGTYPE": "DARK", "DARKTIME": 30.0, "EXPTIME": 30.0})
        for raw in flats(5, rates=[5.0] * 5)
    ]
    against_good = verify("dark", swapped, bias=good_bias(), dark=good_dark())
    theirs = generate("dark", swapped, bias=good_bias())
    good_against = verify("dark", darks(3), bias=good_bias(), dark=theirs)

    for stats in (against_good, good_against):
        assert "MEAN" in failed_tests(stats)
        assert not judge(stats, threshold=8, detectors=1).passed


@cache
def good_flat() -> CcdImage:
    return generate("flat", flats(20), bias=good_bias(), dark=good_dark())


def test_good_flats_pass():
    stats = verify("flat", flats(20), bias=good_bias(), dark=good_dark(), flat=good_flat())

    assert stats["SUCCESS"], stats


def test_flats_of_a_drifting_lamp_fail():
    rates = list(np.linspace(5000, 4000, 8))

    stats = verify("flat", flats(8, rates=rates), bias=good_bias(), dark=good_dark(), flat=good_flat())

    off = [
        number % 100
        for number, each in stats.items()
        if isinstance(each, dict) and "RXX_S00 LEVEL" in each.get("FAILURES", ())
    ]
    assert off == [1, 2, 7, 8]  # more than 5 % from the middle one
    assert not stats["SUCCESS"]


def test_flat_of_another_illumination_fails():
    """Dust that moved since the flat was made."""
    dusty = Sensor()
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    dusty.response = dusty.response * (1 - 0.04 * (np.sin(x / 9) * np.sin(y / 9) > 0))

    stats = verify("flat", flats(3, dusty), bias=good_bias(), dark=good_dark(), flat=good_flat())

    assert failed_tests(stats) == {"NOISE"}
    assert not judge(stats, threshold=8, detectors=1).passed


@pytest.mark.parametrize("kind", ["bias", "dark", "flat"])
def test_noise_expected_of_others_frames(kind):
    """A frame that is not among the combined ones has their noise on top of its own: 1 + 1/20 of its variance."""
    calibrations = {"bias": good_bias(), "dark": good_dark(), "flat": good_flat()}
    raw = {
        "bias": Sensor().expose(77),
        "dark": Sensor().expose(77, "DARK", seconds=30.0),
        "flat": Sensor().expose(77, "FLAT", seconds=4.0, rate=5000.0),
    }[kind]
    names = list(calibrations)
    needed: dict[str, Any] = {name: calibrations[name] for name in names[: names.index(kind) + 1]}

    image = correct(raw, DETECTOR, STEPS[kind], **needed)

    ratio = image.image.std() ** 2 / image.variance.mean() if kind != "flat" else None
    noises = [each["NOISE"] for each in verify_detector(image, DETECTOR, kind)["AMP"].values()]
    nominal = {
        "flat": [np.sqrt(20_000 * 1.083 / each.gain / each.gain) for each in DETECTOR.amplifiers.values()],
    }.get(kind, [each.read_noise / each.gain for each in DETECTOR.amplifiers.values()])
    excess = np.mean(np.array(noises) / np.array(nominal))
    assert ratio is None or ratio < 1.2
    assert excess == pytest.approx({"bias": 1.037, "dark": 1.06, "flat": 1.02}[kind], abs=0.025)
