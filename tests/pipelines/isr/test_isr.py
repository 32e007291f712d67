from __future__ import annotations

import inspect
from dataclasses import replace

import numpy as np
import pytest

from pipelines.camera import load_camera
from pipelines.combine import CcdReader, CombineSettings, combine
from pipelines.defects import Box, Defects
from pipelines.image import CcdImage, MaskPlane
from pipelines.isr import STEPS, Calibrations, IsrSettings, assemble, correct, interpolate_along_rows
from tests.pipelines.sensors import DETECTOR, SHAPE, Sensor, inner

PLAIN = IsrSettings(do_bias=False, do_dark=False, do_flat=False, do_defect=False)


def combined(images: list[CcdImage], kind: str = "bias", scaling: str = "Unity") -> CcdImage:
    return combine([CcdReader(each) for each in images], CombineSettings(threads=1), kind=kind, scaling=scaling)


def calibration(value: float = 1.0, **header: float) -> CcdImage:
    found = CcdImage.blank(SHAPE, header)
    found.image[...] = value
    return found


def test_amplifiers_are_turned_to_their_places():
    sensor = Sensor(noise=0.0, bias=np.zeros(SHAPE), dark_current=0.0)
    sky = np.rint(np.random.default_rng(1).uniform(0, 9999, SHAPE))

    found = correct(sensor.expose(1, electrons=sky), DETECTOR, PLAIN)

    for name, amplifier in DETECTOR.amplifiers.items():
        np.testing.assert_allclose(found.image[inner(name)], sky[inner(name)] / amplifier.gain, atol=0.51)


def test_nothing_is_left_of_bias_dark_and_flat():
    """A bias, a dark and a flat made of images of the sensor take its signature out of another one."""
    sensor = Sensor(dark_current=5.0, row_drift=3.0)
    biases = [correct(sensor.expose(n), DETECTOR, PLAIN) for n in range(20)]
    bias = combined(biases)
    with_bias = replace(PLAIN, do_bias=True)
    darks = [correct(sensor.expose(n, "DARK", seconds=30.0), DETECTOR, with_bias, bias=bias) for n in range(12)]
    dark = combined(darks, "dark", "DarkTime")
    with_dark = replace(with_bias, do_dark=True)
    flats = [
        correct(sensor.expose(n, "FLAT", seconds=4.0, rate=5000.0), DETECTOR, with_dark, bias=bias, dark=dark)
        for n in range(20)
    ]
    flat = combined(flats, "flat", "MeanStats")

    raw = sensor.expose(99, "FLAT", seconds=6.0, rate=4000.0)
    found = correct(raw, DETECTOR, replace(with_dark, do_flat=True), bias=bias, dark=dark, flat=flat)

    # The truth, each within five of its standard errors.
    rn = 9.1 / 1.0972
    assert np.std(bias.image[inner("C00")] - sensor.bias[inner("C00")]) < 1.3 * rn / np.sqrt(20)
    for name, amplifier in DETECTOR.amplifiers.items():
        box = inner(name)
        error = 5 * np.sqrt(5 / 30 / amplifier.gain + (9 / 30) ** 2) / np.sqrt(12 * 6400)
        assert dark.image[box].mean() == pytest.approx(5 / amplifier.gain, abs=error + 0.01)
    means = {name: 24_000 * 1.083 / each.gain for name, each in DETECTOR.amplifiers.items()}
    average = np.mean(list(means.values()))
    for name in means:
        assert flat.image[inner(name)].mean() == pytest.approx(means[name] / average, rel=1e-3)
        pixels = found.image[inner(name)]
        assert pixels.mean() == pytest.approx(average, rel=1e-3)
        assert pixels.std() < 1.06 * np.sqrt(found.variance[inner(name)].mean())


def test_dark_is_scaled_with_time():
    sensor = Sensor(dark_current=40.0, noise=0.1)
    dark = calibration(40.0 / 1.0972, DARKTIME=1.0)
    settings = replace(PLAIN, do_dark=True)

    found = correct(sensor.expose(1, "DARK", seconds=25.0), DETECTOR, settings, dark=dark)

    assert found.image[inner("C00")].mean() == pytest.approx(0, abs=1)


def test_bias_in_the_place_of_a_dark_is_refused():
    with pytest.raises(ValueError, match="DARKTIME of 0 s; is it a bias"):
        correct(Sensor().expose(1), DETECTOR, replace(PLAIN, do_dark=True), dark=calibration(2.0, DARKTIME=0.0))


def test_dark_of_a_shorter_darktime_than_exposure_counts_the_exposure():
    sensor = Sensor(dark_current=0.0, noise=0.0, bias=np.zeros(SHAPE))
    raw = sensor.expose(1, "DARK", seconds=10.0, header={"DARKTIME": 0.0})

    found = correct(raw, DETECTOR, replace(PLAIN, do_dark=True), dark=calibration(2.0, DARKTIME=1.0))

    assert np.unique(found.image).tolist() == [-20.0]


def test_variance_is_of_electrons_and_read_noise():
    sensor = Sensor()
    raw = sensor.expose(1, "FLAT", seconds=4.0, rate=5000.0)

    found = correct(raw, DETECTOR, PLAIN)
    empirical = correct(raw, DETECTOR, replace(PLAIN, do_empirical_read_noise=True))

    gain, noise = 1.0972, 9.1
    expected = found.image[inner("C00")].mean() / gain + (noise / gain) ** 2
    assert found.variance[inner("C00")].mean() == pytest.approx(expected, rel=1e-4)
    assert found.header["LSST ISR READNOISE C00"] == pytest.approx(noise)
    assert empirical.header["LSST ISR READNOISE C00"] == pytest.approx(noise, rel=0.03)
    assert empirical.header["LSST ISR READNOISE C00"] != found.header["LSST ISR READNOISE C00"]


def test_empirical_noise_finds_a_noisy_amplifier():
    raw = Sensor(noise=1.5).expose(1)

    found = correct(raw, DETECTOR, replace(PLAIN, do_empirical_read_noise=True))

    assert found.header["LSST ISR OVERSCAN NOISE C07"] == pytest.approx(1.5 * 8.5 / 1.1033, rel=0.03)
    assert found.variance[inner("C07")].mean() > 2 * (8.5 / 1.1033) ** 2


def test_saturated_pixels_are_masked_grown_and_filled():
    sky = np.zeros(SHAPE)
    sky[150, 100] = 140_000
    sky[20, 20] = 100_000  # high, and not saturated

    found = correct(Sensor(noise=0.0).expose(1, electrons=sky), DETECTOR, PLAIN)

    saturated = found.masked(MaskPlane.SAT)
    assert np.argwhere(saturated).min(axis=0).tolist() == [149, 99]
    assert np.count_nonzero(saturated) == 9
    assert (found.image[saturated] < 100).all()
    assert (found.masked(MaskPlane.INTRP) == saturated).all()


def test_defects_are_masked_and_filled():
    defects = Defects(boxes=(Box(10, 0, 2, SHAPE[0]), Box(300, 50, 4, 4)))
    sky = np.where(defects.mask(SHAPE), 50_000.0, 0.0)

    found = correct(Sensor().expose(1, electrons=sky), DETECTOR, replace(PLAIN, do_defect=True), defects=defects)

    assert (found.masked(MaskPlane.BAD) == defects.mask(SHAPE)).all()
    assert found.image.max() < 100
    kept = correct(
        Sensor().expose(1, electrons=sky),
        DETECTOR,
        replace(PLAIN, do_defect=True, do_interpolate=False),
        defects=defects,
    )
    assert kept.image.max() > 40_000


def test_amplifier_that_is_bad_as_a_whole_has_the_median_of_the_others():
    rows, columns = inner("C07")
    box = Box(columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start)

    found = correct(
        Sensor().expose(1, "FLAT", seconds=2.0, rate=5000.0),
        DETECTOR,
        replace(PLAIN, do_defect=True, do_interpolate=False),
        defects=Defects(boxes=(box,)),
    )

    assert found.header["LSST ISR BAD AMPLIFIERS"] == "C07"
    assert np.unique(found.image[inner("C07")]).size == 1
    assert found.image[inner("C07")].mean() == pytest.approx(10_000, rel=0.02)


def test_flat_without_response_makes_bad_pixels_not_infinite_ones():
    flat = calibration(1.0)
    flat.image[5, 5], flat.image[6, 6] = 0.0, np.nan

    found = correct(Sensor().expose(1), DETECTOR, replace(PLAIN, do_flat=True), flat=flat)

    assert np.isfinite(found.image).all()
    assert np.argwhere(found.masked(MaskPlane.BAD)).tolist() == [[5, 5], [6, 6]]


def test_gains_give_electrons():
    raw = Sensor().expose(1, "FLAT", seconds=4.0, rate=5000.0)

    found = correct(raw, DETECTOR, replace(PLAIN, do_apply_gains=True))

    assert found.header["BUNIT"] == "electron"
    assert correct(raw, DETECTOR, PLAIN).header["BUNIT"] == "adu"
    means = [found.image[inner(name)].mean() for name in DETECTOR.amplifiers]
    np.testing.assert_allclose(means, 20_000 * 1.083, rtol=2e-3)
    assert found.image[inner("C11")].std() == pytest.approx(np.sqrt(found.variance[inner("C11")].mean()), rel=0.2)


def test_not_numbers_are_masked_and_filled():
    bias = calibration(0.0)
    bias.image[9, 9] = np.nan

    found = correct(Sensor().expose(1), DETECTOR, replace(PLAIN, do_bias=True), bias=bias)

    assert found.mask[9, 9] == MaskPlane.UNMASKEDNAN | MaskPlane.INTRP
    assert np.isfinite(found.image).all()


def test_header_tells_what_was_done():
    found = correct(Sensor(row_drift=4.0).expose(7), DETECTOR, PLAIN)

    assert found.header["OBSID"] == "AT_O_20260301_000007"
    assert found.header["LSST ISR STEPS"].startswith("saturation, overscan, assembly, gains, variance")
    assert found.header["LSST ISR OVERSCAN SERIAL MEDIAN C00"] == pytest.approx(20_000, abs=5)
    assert found.header["LSST ISR OVERSCAN SERIAL STDEV C00"] == pytest.approx(4 / np.sqrt(2), rel=0.3)
    assert found.header["LSST ISR FINAL STDEV C00"] == pytest.approx(8.6, rel=0.1)


def test_image_without_overscan_correction_keeps_its_level():
    found = correct(Sensor().expose(7), DETECTOR, replace(PLAIN, do_overscan=False))

    assert found.image.mean() == pytest.approx(20_000, abs=5)
    assert "LSST ISR OVERSCAN NOISE C00" not in found.header


def test_raw_image_and_calibrations_stay_as_they_are():
    raw, bias, flat = Sensor().expose(1), calibration(3.0), calibration(2.0)
    before = {name: pixels.copy() for name, pixels in raw.amplifiers.items()}

    correct(raw, DETECTOR, replace(PLAIN, do_bias=True, do_flat=True), bias=bias, flat=flat)

    assert all((raw.amplifiers[name] == pixels).all() for name, pixels in before.items())
    assert (bias.image == 3).all()
    assert (flat.image == 2).all()


def test_missing_calibrations_are_all_named():
    settings = replace(PLAIN, do_bias=True, do_dark=True, do_brighter_fatter=True)

    with pytest.raises(ValueError, match=r"AT_O_20260301_000001 lacks bias \(bias\), bfk \(brighter-fatter\), dark"):
        correct(Sensor().expose(1), DETECTOR, settings)


def test_calibrations_of_another_size_and_missing_amplifiers_are_refused():
    raw = Sensor().expose(1)

    with pytest.raises(ValueError, match=r"needs a bias of \(200, 512\) pixels, found one of \(4, 4\)"):
        correct(raw, DETECTOR, replace(PLAIN, do_bias=True), bias=CcdImage.blank((4, 4)))
    with pytest.raises(ValueError, match="amplifier C03 is missing"):
        correct(
            replace(raw, amplifiers={name: each for name, each in raw.amplifiers.items() if name != "C03"}),
            DETECTOR,
            PLAIN,
        )


def test_amplifiers_of_different_shapes_are_refused():
    with pytest.raises(ValueError, match=r"different shapes, \(2, 2\), \(3, 2\)"):
        assemble({name: np.zeros((3 if name == "C04" else 2, 2)) for name in DETECTOR.amplifiers}, DETECTOR)


def test_every_calibration_has_its_step_and_argument():
    needed = {step.needs for step in STEPS if step.needs} | {"ptc"}

    assert needed == set(Calibrations.__slots__)
    assert needed <= set(inspect.signature(correct).parameters)


def test_rows_are_filled_between_good_neighbours():
    image = CcdImage.blank((3, 6))
    image.image[0] = [10, 0, 0, 40, 0, 60]
    image.image[1] = 5
    image.mask[0, [1, 2]] = image.mask[0, 0] = MaskPlane.BAD
    image.mask[0, 0] = 0
    image.mask[0, 4] = MaskPlane.SAT
    image.mask[1, :] = MaskPlane.BAD
    image.mask[2, 0] = MaskPlane.CR

    interpolate_along_rows(image, MaskPlane.BAD | MaskPlane.SAT)

    assert image.image[0].tolist() == [10, 20, 30, 40, 50, 60]
    assert image.image[1].tolist() == [5] * 6
    assert np.flatnonzero(image.masked(MaskPlane.INTRP)).tolist() == [1, 2, 4]


def test_comcam_is_corrected_by_the_same_steps():
    detector = load_camera("LSSTComCam").detectors[4]

    found = correct(Sensor().expose(1), detector, PLAIN)

    assert found.header["LSST ISR GAIN C00"] == detector.amplifiers["C00"].gain
