"""Developed images: what an observer reads off them is what the pixels were made with."""

from __future__ import annotations

import numpy as np
import pytest

from csc.comcam.focal_plane import true_sensors
from csc.latiss.detector.raw_file import write_raw
from csc.latiss.detector.recipes import make_exposure
from csc.latiss.detector.rendering import render
from csc.latiss.detector.sensor import latiss_sensor
from csc.ocps.developing import CcdImage, develop, raw_from_file, raw_from_pixels, read_calibration
from fsm import AuthorError
from pipelines.middleware.ccd_fits import write_ccd

SENSOR = latiss_sensor(0.1)
COLUMNS = SENSOR.readout.data_columns


def raw_of(image_type, number=1, **options):
    exposure = make_exposure(image_type, number, **options)
    return exposure, raw_from_pixels(render(exposure, SENSOR), SENSOR.readout)


def test_amplifiers_show_the_light_that_the_exposure_has_seen():
    exposure, raw = raw_of("FLAT", exposure_time=6.0, filter="SDSSr_65mm")

    image = develop(raw, "LATISS", 0)

    assert image.pixels.shape == image.shape == SENSOR.shape
    electrons = [one.mean * one.gain for one in image.amplifiers if one.name != "C07"]  # its nominal gain is wrong
    assert np.mean(electrons) == pytest.approx(exposure.counts * SENSOR.camera_gain, rel=0.01)
    assert not image.saturated.any()
    assert all(one.saturated == 0.0 for one in image.amplifiers)


def test_read_noise_is_that_of_the_sensor():
    _, raw = raw_of("BIAS")

    image = develop(raw, "LATISS", 0)

    true = {one.name: one.read_noise / one.gain for one in SENSOR.readout.amplifiers}
    for one in image.amplifiers:
        assert one.noise == pytest.approx(true[one.name], rel=0.05), one.name
        assert one.noise_electrons == pytest.approx(one.noise * one.gain)
        assert abs(one.mean) < one.scatter


def test_the_level_is_that_of_the_overscan():
    _, raw = raw_of("BIAS")

    image = develop(raw, "LATISS", 0)

    for one in image.amplifiers:
        overscan = raw.amplifiers[one.name][raw.geometry.serial]
        assert one.level == pytest.approx(np.median(overscan), abs=1.0)


def test_a_saturated_flat_says_how_much_of_it_is():
    _, raw = raw_of("FLAT", exposure_time=60.0, filter="SDSSr_65mm")

    image = develop(raw, "LATISS", 0)

    assert all(one.saturated > 0.99 for one in image.amplifiers)
    assert image.saturated.mean() > 0.99


def test_a_raw_picture_has_the_overscan_and_the_figures_of_a_corrected_one():
    _, raw = raw_of("FLAT", exposure_time=60.0, filter="SDSSr_65mm")

    image, corrected = develop(raw, "LATISS", 0, is_raw=True), develop(raw, "LATISS", 0)

    rows, columns = raw.geometry.shape
    assert image.is_raw
    assert image.shape == image.saturated.shape == (2 * rows, 8 * columns)
    assert [one.mean for one in image.amplifiers] == [one.mean for one in corrected.amplifiers]
    assert image.saturated.sum() == corrected.saturated.sum()
    lower_left = next(one for one in image.amplifiers if one.name == "C00")
    shown = image.pixels[lower_left.box]
    assert np.array_equal(shown, raw.amplifiers["C00"][:, ::-1])
    # The amplifier is read from the right: its overscan lies at the left, and none of it is saturated.
    assert not image.saturated[lower_left.box][:, : raw.geometry.serial_overscan].any()
    assert image.saturated[lower_left.box][10, raw.geometry.serial_overscan + 5]


def test_boxes_lie_where_the_amplifiers_are():
    _, raw = raw_of("FLAT", exposure_time=6.0, filter="SDSSr_65mm")

    image = develop(raw, "LATISS", 0)

    for one in image.amplifiers:
        assert np.median(image.pixels[one.box]) == pytest.approx(one.mean, rel=0.01)
    assert next(one.box[1] for one in image.amplifiers if one.name == "C11") == slice(COLUMNS, 2 * COLUMNS)


def test_a_sensor_of_comcam_has_its_own_gains():
    sensor = true_sensors(0.1)[4]
    exposure = make_exposure("BIAS", 1)

    image = develop(raw_from_pixels(render(exposure, sensor), sensor.readout), "LSSTComCam", 4)

    assert image.name == "R22_S11"
    assert np.mean([one.gain for one in image.amplifiers]) == pytest.approx(1.3716, rel=1e-3)


def test_a_file_gives_the_same_as_the_pixels(tmp_path):
    exposure, raw = raw_of("DARK", exposure_time=30.0)
    path = write_raw(exposure, tmp_path, SENSOR)

    read, rendered = develop(raw_from_file(path), "LATISS", 0), develop(raw, "LATISS", 0)

    assert np.array_equal(read.pixels, rendered.pixels)
    assert read.amplifiers == rendered.amplifiers


def test_a_foreign_file_is_named(tmp_path):
    path = tmp_path / "notes.fits"
    path.write_text("not pixels", encoding="utf-8")

    with pytest.raises(AuthorError, match="notes.fits: not a FITS file"):
        raw_from_file(path)


def test_an_unknown_sensor_is_refused():
    _, raw = raw_of("BIAS")

    with pytest.raises(KeyError):
        develop(raw, "LATISS", 3)


def combined(kind, level):
    image = CcdImage.blank(SENSOR.shape, {"OBSTYPE": kind, "DARKTIME": 1.0})
    image.image[:] = level
    return image


def test_an_image_is_corrected_with_what_there_is(tmp_path):
    exposure = make_exposure("DARK", 4, exposure_time=20.0)
    header = {"EXPTIME": exposure.exposure_time, "DARKTIME": exposure.dark_time}
    raw = raw_from_pixels(render(exposure, SENSOR), SENSOR.readout, header)
    paths = {kind: tmp_path / f"{kind}.fits" for kind in ("flat", "dark", "bias")}
    for (kind, path), level in zip(paths.items(), (2.0, 0.5, 100.0), strict=True):
        write_ccd(combined(kind, level), path)

    plain = develop(raw, "LATISS", 0)
    calibrated = develop(raw, "LATISS", 0, calibrations=dict(map(read_calibration, paths.values())))

    assert calibrated.calibrations == ("bias", "dark", "flat")
    expected = (plain.pixels - 100.0 - 0.5 * exposure.dark_time) / 2.0
    assert np.allclose(calibrated.pixels, expected, atol=1e-3)


def test_a_calibration_of_another_size_is_refused():
    _, raw = raw_of("BIAS")
    bias = CcdImage.blank((10, 10), {"OBSTYPE": "bias"})

    with pytest.raises(ValueError, match="10"):
        develop(raw, "LATISS", 0, calibrations={"bias": bias})


def test_a_file_that_is_no_calibration_is_named(tmp_path):
    sky, raw = tmp_path / "sky.fits", write_raw(make_exposure("BIAS", 1), tmp_path, SENSOR)
    write_ccd(combined("sky", 1.0), sky)

    with pytest.raises(AuthorError, match="sky.fits: a combined image of sky, not of bias, dark, flat"):
        read_calibration(sky)
    with pytest.raises(AuthorError, match="no extension IMAGE"):
        read_calibration(raw)
