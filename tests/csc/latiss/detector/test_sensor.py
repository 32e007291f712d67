"""A sensor is the same at every scale, and agrees with what the pipelines know of it."""

from dataclasses import replace

import numpy as np
import pytest

from csc.comcam.focal_plane import load_focal_plane, true_sensors
from csc.latiss.detector import load_detector
from csc.latiss.detector.patterns import columns_gone_bad, fringe_pattern, patterns
from csc.latiss.detector.sensor import latiss_sensor
from csc.latiss.detector.truth import _File, load_truth
from fsm import AuthorError, load_document, validate
from pipelines.camera import amplifier_box, load_camera

SENSOR = latiss_sensor(0.1)


def test_the_full_size_is_that_of_the_real_one():
    sensor = latiss_sensor()

    assert (sensor.shape, sensor.raw_shape, sensor.side) == ((4000, 4072), (16, 2048, 576), 1.0)


def test_a_smaller_one_keeps_amplifiers_prescan_and_overscans():
    readout = SENSOR.readout

    assert SENSOR.shape == (400, 408)
    assert (readout.serial_prescan, readout.serial_overscan, readout.parallel_overscan) == (3, 64, 48)
    assert len(readout.amplifiers) == 16


@pytest.mark.parametrize(("scale", "text"), [(0.0, "above 0"), (1.01, "at most 1"), (0.02, "leaves 10 x 40 pixels")])
def test_a_scale_that_cannot_be_is_refused(scale, text):
    with pytest.raises(ValueError, match=text):
        latiss_sensor(scale)


@pytest.mark.parametrize("camera", ["LATISS", "LSSTComCam"])
def test_pipelines_see_the_same_amplifiers(camera):
    known = load_camera(camera)
    sensors = [latiss_sensor()] if camera == "LATISS" else true_sensors()

    for sensor in sensors:
        detector = known.detectors[sensor.detector]
        assert (sensor.instrument, sensor.header_name, sensor.serial) == (camera, detector.header_name, detector.serial)
        assert known.geometry.shape == sensor.raw_shape[1:]
        assert list(detector.amplifiers) == [amplifier.name for amplifier in sensor.readout.amplifiers]
        for amplifier in sensor.readout.amplifiers:
            nominal = detector.amplifiers[amplifier.name]
            assert (nominal.flip_x, nominal.flip_y) == (amplifier.flip_x, amplifier.flip_y)
            assert amplifier_box(nominal, sensor.shape) == sensor.box(amplifier)
            if amplifier.name not in sensor.story.amplifiers:
                assert nominal.gain == pytest.approx(amplifier.gain)
                assert 0.985 * nominal.read_noise == pytest.approx(amplifier.read_noise)


def test_read_noises_are_a_little_below_the_known_ones_but_for_those_of_the_story_and_c07_most_of_all():
    known = {amplifier.name: amplifier for amplifier in load_detector().readout.amplifiers}
    wrong = {one.name: one.read_noise / known[one.name].read_noise for one in SENSOR.readout.amplifiers}

    assert {name for name, factor in wrong.items() if factor > 1.0} == {"C07", "C11"}
    assert max(wrong, key=lambda name: wrong[name]) == "C07"


def test_crosstalk_is_strongest_between_neighbours_and_the_same_at_every_scale():
    matrix = SENSOR.crosstalk()
    names = [amplifier.name for amplifier in SENSOR.readout.amplifiers]

    assert np.array_equal(matrix, latiss_sensor(0.2).crosstalk())
    assert not np.array_equal(matrix, true_sensors(0.1)[0].crosstalk())
    assert np.all(np.diag(matrix) == 0.0)
    assert 1e-4 <= matrix[names.index("C10"), names.index("C11")] <= 3e-4
    assert matrix[names.index("C10"), names.index("C00")] == 2e-5


def test_the_brighter_fatter_area_wins_and_loses_nothing():
    area = SENSOR.brighter_fatter()

    assert area.sum() == pytest.approx(0.0, abs=1e-20)
    assert area.min() == area[2, 2] == -1.9e-6
    assert np.array_equal(area, area[::-1, ::-1])


def test_patterns_are_those_of_the_serial():
    again = replace(SENSOR)
    other, same = patterns(true_sensors(0.1)[0]), patterns(again)

    assert np.array_equal(same.response, patterns(SENSOR).response)
    assert np.array_equal(same.bias, patterns(SENSOR).bias)
    assert not np.array_equal(same.response, other.response)


def test_an_even_light_is_counted_as_it_is():
    fixed = patterns(SENSOR)
    good = ~fixed.flaws.mask(SENSOR.shape)
    boxes = [SENSOR.box(amplifier) for amplifier in SENSOR.readout.amplifiers]
    adu = [fixed.response[box][good[box]].mean() / gain for box, gain in zip(boxes, SENSOR.gains(), strict=True)]

    # What is missing is what amplifiers hear of each other; what is too much bends away at 30 000 adu.
    heard = 1.0 + SENSOR.crosstalk().sum() / 16
    assert SENSOR.camera_gain * np.mean(adu) == pytest.approx(1.0 / heard / (1.0 - 2e-8 * 30_000), rel=3e-5)


def test_flaws_are_where_the_story_has_them_and_few():
    fixed = patterns(SENSOR)
    mask = fixed.flaws.mask(SENSOR.shape)
    clusters = {a.name for a in SENSOR.readout.amplifiers if np.isin(_pixels(a), fixed.flaws.unstable).sum() >= 9}

    assert {"C04", "C11"} <= clusters
    assert 0.001 < mask.mean() < 0.02
    assert 0.99 < (patterns(latiss_sensor(0.3)).flaws.mask(latiss_sensor(0.3).shape)).mean() * 100 + 0.9 < 1.5


def _pixels(amplifier):
    rows, columns = SENSOR.box(amplifier)
    return np.arange(SENSOR.shape[0] * SENSOR.shape[1]).reshape(SENSOR.shape)[rows, columns]


def test_a_column_goes_bad_away_from_the_readout():
    rows = SENSOR.readout.data_rows
    for column in columns_gone_bad(SENSOR, 20):
        y, x = np.divmod(column, SENSOR.shape[1])
        assert np.ptp(x) == 0
        assert (y.max() == rows - 1 and y.min() < rows) or (y.min() == rows and y.max() >= rows)
        assert column.size >= rows // 2


def test_more_bad_columns_are_the_same_and_some_more():
    few, many = columns_gone_bad(SENSOR, 2), columns_gone_bad(SENSOR, 3)

    assert all(np.array_equal(one, other) for one, other in zip(few, many, strict=False))


def test_fringes_have_no_mean_and_are_as_strong_as_said():
    fringes = fringe_pattern(SENSOR)

    assert fringes.mean(dtype=np.float64) == pytest.approx(0.0, abs=1e-6)
    assert np.abs(fringes).max() == pytest.approx(1.0)


def test_counts_of_comcam_are_the_mean_of_its_sensors():
    sensors = true_sensors(0.1)

    assert np.mean([sensor.camera_gain * np.mean(1.0 / sensor.gains()) for sensor in sensors]) == pytest.approx(1.0)
    assert [sensor.gains().mean() for sensor in sensors] == pytest.approx([s.gain for s in load_focal_plane().sensors])


@pytest.mark.parametrize(
    ("right", "wrong", "text"),
    [
        ("{value: 0.004, unit:", "{value: -0.004, unit:", "response.pixel_scatter: .*-0.004"),
        ("rate: {value: 0.45, unit: 1/s", "rate: {value: 0.45, unit: Hz", "cosmic_rays.rate: is in Hz; expected 1/s"),
        ("  own: {", "  its: {", "brighter_fatter.its"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(right, wrong, text):
    from importlib.resources import files

    told = (files("csc.latiss.detector") / "truth.yaml").read_text(encoding="utf-8")
    assert right in told

    with pytest.raises(AuthorError, match=text):
        validate(load_document(told.replace(right, wrong, 1), name="truth.yaml"), _File)


def test_the_truth_is_read_once():
    assert load_truth() is load_truth()
