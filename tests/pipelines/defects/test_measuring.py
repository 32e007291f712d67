from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipelines.defects import ColumnRules, DefectSettings, MergeSettings, measure_defects, merge_defects
from pipelines.image import CcdImage, MaskPlane
from pipelines.isr import IsrSettings, correct
from tests.pipelines.sensors import DETECTOR, SHAPE, Sensor, inner

ISR = IsrSettings(do_bias=False, do_dark=False, do_flat=False, do_defect=False, do_interpolate=False)


def frame(value: float = 0.0, noise: float = 5.0, seed: int = 1, **header: float) -> CcdImage:
    found = CcdImage.blank(SHAPE, header)
    found.image[...] = np.random.default_rng(seed).normal(value, noise, SHAPE)
    return found


def test_planted_defects_are_found():
    """Hot and dead pixels, bad columns and clusters, in single darks and flats: 95 % and more, less than 1 % false."""
    rng = np.random.default_rng(5)
    sensor = Sensor(hot=np.zeros(SHAPE))
    truth = np.zeros(SHAPE, bool)
    hot, dead = rng.integers(0, SHAPE[0] * SHAPE[1], 200), rng.integers(0, SHAPE[0] * SHAPE[1], 60)
    sensor.hot.flat[hot] = rng.uniform(4, 50, hot.size)
    sensor.response.flat[dead] *= rng.uniform(0.0, 0.5, dead.size)
    sensor.hot[:, 111] = 30.0
    sensor.response[100:, 300] *= 0.6
    sensor.hot[40:50, 200:210] = 20.0
    truth.flat[hot] = truth.flat[dead] = True
    truth[:, 111] = truth[100:, 300] = truth[40:50, 200:210] = True
    darks = [correct(sensor.expose(n, "DARK", seconds=30.0), DETECTOR, ISR) for n in range(7)]
    flats = [correct(sensor.expose(n, "FLAT", seconds=4.0, rate=5000.0), DETECTOR, ISR) for n in range(7)]

    frames = [("dark", each) for each in darks] + [("flat", each) for each in flats]
    found = merge_defects((kind, measure_defects(each, DETECTOR, kind)) for kind, each in frames).mask(SHAPE)

    assert np.count_nonzero(found & truth) >= 0.95 * np.count_nonzero(truth)
    assert np.count_nonzero(found & ~truth) < 0.01 * np.count_nonzero(found)


def test_a_dark_shows_bright_pixels_only():
    image = frame()
    image.image[3, 3], image.image[4, 4] = 100, -100

    assert np.argwhere(measure_defects(image, DETECTOR, "dark")).tolist() == [[3, 3]]
    assert np.argwhere(measure_defects(image, DETECTOR, "flat")).tolist() == [[3, 3], [4, 4]]


def test_values_are_those_of_time_and_gain():
    image = frame(noise=0.1, DARKTIME=30.0)
    gain = DETECTOR.amplifiers["C00"].gain
    image.image[3, 3], image.image[4, 4] = 5.2 * 30 / gain, 4.8 * 30 / gain
    settings = DefectSettings(threshold="VALUE")

    assert np.argwhere(measure_defects(image, DETECTOR, "dark", settings)).tolist() == [[3, 3]]
    strict = replace(settings, dark_current=3.0)
    assert np.argwhere(measure_defects(image, DETECTOR, "dark", strict)).tolist() == [[3, 3], [4, 4]]


def test_value_of_a_flat_is_a_fraction_and_of_a_bias_a_level():
    settings = DefectSettings(threshold="VALUE")
    flat, bias = frame(20_000.0), frame()
    flat.image[3, 3], flat.image[4, 4], flat.image[5, 5] = 15_900, 16_100, 30_000
    bias.image[3, 3], bias.image[4, 4] = 1100, 900

    assert np.argwhere(measure_defects(flat, DETECTOR, "flat", settings)).tolist() == [[3, 3]]
    assert np.argwhere(measure_defects(bias, DETECTOR, "bias", settings)).tolist() == [[3, 3]]


def test_rays_are_no_defects_and_not_numbers_are():
    image = frame()
    image.image[3, 3], image.image[4, 4] = 1000, np.nan
    image.mask[3, 3] = MaskPlane.CR

    assert np.argwhere(measure_defects(image, DETECTOR, "dark")).tolist() == [[4, 4]]


def test_amplifier_that_is_masked_as_a_whole_has_none():
    image = frame()
    image.mask[inner("C07")] = MaskPlane.BAD
    image.image[inner("C07")] = 9000

    assert not measure_defects(image, DETECTOR, "dark").any()


@pytest.mark.parametrize(("bad", "filled"), [(49, False), (50, True)])
def test_columns_with_enough_bad_pixels_are_filled(bad, filled):
    image = frame()
    rows = np.linspace(0, 98, bad).astype(int)
    image.image[rows, 7] = 1000

    found = measure_defects(image, DETECTOR, "dark")[:, 7]

    assert found[:99].all() == filled
    assert found.sum() == (99 if filled else bad)


def test_wide_gaps_in_a_column_stay_good():
    image = frame()
    image.image[:40, 7] = image.image[70:100, 7] = 1000
    rules = DefectSettings(columns=ColumnRules(gap=30))

    assert measure_defects(image, DETECTOR, "dark", rules)[:, 7].sum() == 70
    wider = DefectSettings(columns=ColumnRules(gap=31))
    assert measure_defects(image, DETECTOR, "dark", wider)[:, 7].sum() == 100


def test_columns_end_with_their_amplifier():
    image = frame()
    image.image[60:99, 7] = image.image[101:140, 7] = 1000

    found = measure_defects(image, DETECTOR, "dark", DefectSettings(columns=ColumnRules(bad=30, whole=39)))

    assert found[:, 7].all()
    one = frame()
    one.image[60:99, 7] = 1000
    found = measure_defects(one, DETECTOR, "dark", DefectSettings(columns=ColumnRules(whole=39)))
    assert np.flatnonzero(found[:, 7]).tolist() == list(range(100))


def test_saturated_columns_take_their_neighbours():
    image = frame()
    image.mask[:20, 30] = MaskPlane.SAT
    image.mask[:19, 50] = MaskPlane.SAT

    found = measure_defects(image, DETECTOR, "flat")

    assert np.flatnonzero(found[:100].all(axis=0)).tolist() == [28, 29, 30, 31, 32]
    assert not found[:, 50].any()


def test_unknown_kinds_and_thresholds_are_refused():
    with pytest.raises(ValueError, match="no threshold SIGMA; there is STDEV, VALUE"):
        measure_defects(frame(), DETECTOR, "dark", DefectSettings(threshold="SIGMA"))
    with pytest.raises(ValueError, match="defects are not seen by STDEV in a bias; they are in dark, flat"):
        measure_defects(frame(), DETECTOR, "bias")


def masks(*columns: list[int]) -> list[np.ndarray]:
    """Return frames of one row of ten pixels, bad where said."""
    return [np.isin(np.arange(10), each)[np.newaxis] for each in columns]


@pytest.mark.parametrize(("combination", "expected"), [("FRACTION", [1, 2]), ("AND", [1]), ("OR", [1, 2, 3, 4])])
def test_frames_vote(combination, expected):
    frames = masks([1, 2, 3], [1, 2, 3], [1, 2, 4], [1])

    found = merge_defects((("dark", each) for each in frames), MergeSettings(combination=combination))

    assert np.flatnonzero(found.mask((1, 10))).tolist() == expected


def test_every_kind_of_frame_counts():
    darks, flats = masks([1], [1], [1]), masks([2])

    found = merge_defects([*(("dark", each) for each in darks), ("flat", flats[0])])

    assert np.flatnonzero(found.mask((1, 10))).tolist() == [1, 2]


def test_edges_are_defects_where_wanted():
    found = merge_defects([("dark", np.zeros((30, 40), bool))], MergeSettings(edge=5)).mask((30, 40))

    assert not found[5:-5, 5:-5].any()
    assert found.sum() == 30 * 40 - 20 * 30


def test_nothing_to_merge_and_different_shapes_are_refused():
    with pytest.raises(ValueError, match="no frame"):
        merge_defects([])
    with pytest.raises(ValueError, match="different shapes"):
        merge_defects([("dark", np.zeros((2, 2), bool)), ("dark", np.zeros((3, 3), bool))])
    with pytest.raises(ValueError, match="no combination MOST; there is FRACTION, AND, OR"):
        merge_defects([("dark", np.zeros((2, 2), bool))], MergeSettings(combination="MOST"))
