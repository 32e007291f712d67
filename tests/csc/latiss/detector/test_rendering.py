"""Pixels are always the same, agree with the counts, and hold the truth that calibrations look for."""

import dataclasses
import hashlib
from typing import Any

import numpy as np
import pytest

from csc.comcam.focal_plane import true_sensors
from csc.latiss.detector import Condition, Sky
from csc.latiss.detector.effects.dark_current import collect_dark
from csc.latiss.detector.effects.readout import divide
from csc.latiss.detector.patterns import patterns
from csc.latiss.detector.recipes import make_exposure
from csc.latiss.detector.rendering import EFFECTS, render
from csc.latiss.detector.sensor import Sensor, latiss_sensor
from csc.latiss.images import Exposure
from csc.latiss.light import Received

SENSOR = latiss_sensor(0.1)
RED: dict[str, Any] = {"filter": "SDSSr_65mm"}


def data(exposure: Exposure, sensor: Sensor = SENSOR) -> Any:
    """Give what overscan correction and the subtraction of the bias leave [adu], and which pixels are flawless."""
    readout, fixed = sensor.readout, patterns(sensor)
    rows, columns = readout.data_rows, slice(3, 3 + readout.data_columns)
    raw = np.stack(list(render(exposure, sensor).values())).astype(float)[:, :rows]
    overscan = np.median(raw[:, :, columns.stop + 2 :], axis=2)[:, :, None]
    pattern = fixed.bias[:, :rows, columns] - fixed.bias[:, :rows, -1:]
    scene_mask = fixed.flaws.mask(sensor.shape)
    good = np.stack(
        [~scene_mask[sensor.box(a)][:: -1 if a.flip_y else 1, :: -1 if a.flip_x else 1] for a in readout.amplifiers]
    )
    return raw[:, :, columns] - overscan - pattern, good


def level(exposure: Exposure, sensor: Sensor = SENSOR) -> float:
    pixels, good = data(exposure, sensor)
    return float(np.mean([image[mask].mean() for image, mask in zip(pixels, good, strict=True)]))


def digest(pixels: dict[str, Any]) -> str:
    return hashlib.sha256(b"".join(raw.tobytes() for raw in pixels.values())).hexdigest()


def test_raw_images_are_whole_numbers_in_the_order_of_the_file():
    pixels = render(make_exposure("BIAS", 1), SENSOR)

    assert list(pixels) == [f"C1{n}" for n in range(8)] + [f"C0{n}" for n in reversed(range(8))]
    assert all(raw.dtype == np.int32 and raw.shape == (248, 118) for raw in pixels.values())


def test_pixels_are_the_same_whatever_was_rendered_before():
    exposure = make_exposure("FLAT", 1, exposure_time=6.0, **RED)
    first = digest(render(exposure, SENSOR))

    render(make_exposure("DARK", 2, exposure_time=30.0), SENSOR)
    render(exposure, true_sensors(0.1)[4])
    patterns.cache_clear()

    assert digest(render(exposure, SENSOR)) == first
    assert digest(render(dataclasses.replace(exposure, seed=1), SENSOR)) != first


def test_leaving_an_effect_out_changes_no_other_ones_numbers():
    exposure = make_exposure("DARK", 1, exposure_time=60.0)
    all_effects, fewer = (
        np.stack(list(render(exposure, SENSOR, effects=effects).values()))
        for effects in (EFFECTS, [effect for effect in EFFECTS if effect is not collect_dark])
    )

    off = (all_effects - fewer)[:, : SENSOR.readout.data_rows, 3 : 3 + SENSOR.readout.data_columns]
    assert np.median(off) == pytest.approx(1.8 / 1.083, abs=0.7)
    assert np.percentile(off, 1) >= -1
    assert np.percentile(off, 99) <= 8


def test_without_its_read_out_there_is_nothing_to_read():
    with pytest.raises(ValueError, match="without the effect divide"):
        render(make_exposure("BIAS", 1), SENSOR, effects=[effect for effect in EFFECTS if effect is not divide])


@pytest.mark.parametrize(
    ("image_type", "light"),
    [
        ("BIAS", {}),
        ("DARK", {"exposure_time": 30.0}),
        ("DARK", {"exposure_time": 30.0, "condition": Condition(dark_current=20.0)}),
        ("FLAT", {"exposure_time": 6.0, **RED}),
        ("FLAT", {"exposure_time": 6.0, "filter": "SDSSg_65mm"}),
        ("FLAT", {"exposure_time": 3.0, "filter": "SDSSz_65mm"}),
        ("FLAT", {"exposure_time": 30.0, "grating": "SDSSy_65mm"}),
        ("FLAT", {"exposure_time": 3.0, "filter": "SDSSu_65mm"}),
        ("FLAT", {"exposure_time": 1.0}),
        ("FLAT", {"exposure_time": 6.0, "brightness": 0.049, **RED}),
        ("FLAT", {"exposure_time": 24.16, **RED}),
        ("FLAT", {"exposure_time": 25.0, **RED}),
        ("FLAT", {"exposure_time": 111.03, **RED}),
        ("FLAT", {"exposure_time": 6.0, "condition": Condition(tilt=0.2), **RED}),
        ("OBJECT", {"exposure_time": 20.0, "sky_rate": 100.0, "sky": Sky(), "filter": "SDSSz_65mm"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_mean_of_the_pixels_is_the_count(image_type, light):
    exposure = make_exposure(image_type, 3, **light)

    pixels = level(exposure)

    # Photons and noise of the mean of 160 000 pixels and 3200 rows; how far the pixels bend is known to nobody.
    noise = 4.0 * ((exposure.counts + 100.0) / 160_000 + 1.2**2 / 3200) ** 0.5
    bent = 2e-8 * abs(exposure.counts - 30_000.0) * exposure.counts
    assert pixels == pytest.approx(exposure.counts, abs=noise + bent + 5e-4 * max(exposure.counts, 0.0))
    assert abs(pixels - exposure.counts) < 3.0 + 0.0021 * exposure.counts


def test_a_miniature_shows_the_same_level_as_a_larger_one():
    exposure = make_exposure("FLAT", 1, exposure_time=6.0, **RED)

    assert level(exposure, latiss_sensor(0.2)) == pytest.approx(level(exposure), rel=2e-4)


def test_the_shot_of_the_lamp_is_in_the_pixels():
    one, other = (make_exposure("FLAT", n, exposure_time=6.0, **RED) for n in (1, 2))

    assert abs(one.counts - other.counts) > 20.0
    assert level(one) - level(other) == pytest.approx(one.counts - other.counts, abs=4.0)


def test_comcams_sensors_show_the_counts_on_the_average_each_at_its_own_gain():
    light = Received(lamp=19_200.0)
    exposure = make_exposure("FLAT", 1, exposure_time=1.6, filter="empty_1")
    exposure = dataclasses.replace(exposure, filter="r_03", grating="", light=light)
    sensors = true_sensors(0.05)

    levels = [level(exposure, sensor) for sensor in sensors]

    assert np.mean(levels) == pytest.approx(19_200.0, rel=1e-3)
    gains = np.array([sensor.gains().mean() for sensor in sensors])
    assert np.array(levels) * gains == pytest.approx(np.mean(levels) * gains.mean(), rel=2e-3)


def test_comcams_sensors_share_no_noise():
    exposure = make_exposure("BIAS", 1)
    one, other = (np.stack(list(render(exposure, sensor).values()))[:, :, -60:] for sensor in true_sensors(0.05)[:2])

    off, also = (image - image.mean(axis=2, keepdims=True) for image in (one, other))

    assert abs(np.mean(off * also)) < 5.0 * np.mean(off**2) / off.size**0.5


def test_photon_transfer_gives_back_the_true_gains_and_noises():
    times = [0.2, 0.6, 1.2, 2.0, 3.0, 4.5, 6.0, 8.0, 10.0, 12.0, 15.0, 18.0]
    means, variances = [], []
    for i, time in enumerate(times):
        (one, good), (other, _) = (data(make_exposure("FLAT", 2 * i + n, exposure_time=time, **RED)) for n in (1, 2))
        pairs = [(a[g], b[g]) for a, b, g in zip(one, other, good, strict=True)]
        ratio = [a.mean() / b.mean() for a, b in pairs]
        means.append([0.5 * (a.mean() + b.mean()) for a, b in pairs])
        variances.append([0.5 * (a / r**0.5 - b * r**0.5).var() for (a, b), r in zip(pairs, ratio, strict=True)])

    for amplifier, mu, variance in zip(
        SENSOR.readout.amplifiers, np.array(means).T, np.array(variances).T, strict=True
    ):
        terms = np.stack([mu, mu**2], axis=1)
        weights = 1.0 / (variance + 1.0)
        noise = (amplifier.read_noise / amplifier.gain) ** 2
        (slope, curve), *_ = np.linalg.lstsq(terms * weights[:, None], (variance - noise) * weights, rcond=None)
        assert 1.0 / slope == pytest.approx(amplifier.gain, rel=0.025)
        assert -2.6e-6 < curve < -1.2e-6


def test_a_bias_has_the_true_read_noise_in_its_overscan():
    raw = render(make_exposure("BIAS", 1), SENSOR)

    for amplifier in SENSOR.readout.amplifiers:
        overscan = raw[amplifier.name][:, -60:].astype(float)
        scatter = (overscan - overscan.mean(axis=1, keepdims=True)).std() * amplifier.gain
        assert scatter == pytest.approx(amplifier.read_noise, rel=0.03)


@pytest.mark.parametrize("kind", ["unstable", "leaking", "dead"])
def test_flaws_are_seen_in_the_pixels(kind):
    flaws = patterns(SENSOR).flaws
    wanted = np.zeros(SENSOR.shape, bool)
    wanted.flat[getattr(flaws, kind)] = True
    exposure = (
        make_exposure("FLAT", 1, exposure_time=6.0, **RED)
        if kind == "dead"
        else make_exposure("DARK", 1, exposure_time=60.0)
    )

    pixels, _ = data(exposure)

    flat = np.concatenate(
        [
            image[wanted[SENSOR.box(a)][:: -1 if a.flip_y else 1, ::-1]]
            for image, a in zip(pixels, SENSOR.readout.amplifiers, strict=True)
        ]
    )
    assert np.mean(flat < 0.5 * exposure.counts if kind == "dead" else flat > 40.0) > 0.9
