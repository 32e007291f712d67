from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipelines.isr import FIT_TYPES, OverscanSettings, correct_overscan
from tests.pipelines.sensors import GEOMETRY

NOISE = 8.0


def amplifier(level: np.ndarray | float = 20_000.0, light: float = 500.0, seed: int = 1) -> np.ndarray:
    """Return a raw amplifier; `level` may differ by row."""
    pixels = np.random.default_rng(seed).normal(0, NOISE, GEOMETRY.shape)
    pixels += np.broadcast_to(level, GEOMETRY.shape[0])[:, np.newaxis]
    pixels[GEOMETRY.data] += light
    return np.rint(pixels).astype(np.int32)


@pytest.mark.parametrize("fit_type", FIT_TYPES)
def test_constant_level_is_found_by_every_fit(fit_type):
    found = correct_overscan(amplifier(), GEOMETRY, OverscanSettings(fit_type=fit_type))

    assert found.data.shape == (GEOMETRY.data_rows, GEOMETRY.data_columns)
    assert found.data.dtype == np.float32
    assert found.data.mean() == pytest.approx(500, abs=5 * NOISE / np.sqrt(6400))
    assert found.level == pytest.approx(20_000, abs=1)
    assert found.noise == pytest.approx(NOISE, rel=0.03)


SLOPE = 20_000 + 0.2 * np.arange(GEOMETRY.shape[0])
WAVE = 20_000 + 20 * np.sin(np.arange(GEOMETRY.shape[0]) / 12)
JUMPS = 20_000 + 5.0 * np.random.default_rng(5).normal(size=GEOMETRY.shape[0])


@pytest.mark.parametrize(
    ("fit_type", "order", "level"),
    [
        *((fit_type, 1, SLOPE) for fit_type in ("POLY", "CHEB", "LEG")),
        *((fit_type, 9, WAVE) for fit_type in ("POLY", "CHEB", "LEG")),
        *((fit_type, 16, WAVE) for fit_type in ("NATURAL_SPLINE", "CUBIC_SPLINE", "AKIMA_SPLINE")),
        *((fit_type, 1, JUMPS) for fit_type in ("MEDIAN_PER_ROW", "MEAN_PER_ROW")),
    ],
)
def test_level_is_followed_along_the_rows(fit_type, order, level):
    found = correct_overscan(amplifier(level), GEOMETRY, OverscanSettings(fit_type=fit_type, order=order))

    rows = found.data.mean(axis=1) - 500
    assert np.abs(rows).max() < 6 * NOISE * np.sqrt(1 / 64 + np.pi / 2 / 64)
    assert found.noise == pytest.approx(NOISE, rel=0.03)


def test_one_level_does_not_follow_the_rows():
    found = correct_overscan(amplifier(JUMPS), GEOMETRY, OverscanSettings(fit_type="MEDIAN"))

    assert found.data.mean(axis=1).std() > 4


def test_strays_in_the_overscan_do_not_count():
    raw = amplifier()
    raw[:, -20:] += 1500  # a third of each row: the tail of saturated columns

    mean = OverscanSettings(fit_type="MEAN_PER_ROW")
    assert correct_overscan(raw, GEOMETRY, mean).level == pytest.approx(20_000, abs=2)
    assert correct_overscan(raw, GEOMETRY, replace(mean, max_deviation=5000.0)).level > 20_300
    skipping = replace(mean, max_deviation=5000.0, trailing_to_skip=20)
    assert correct_overscan(raw, GEOMETRY, skipping).level == pytest.approx(20_000, abs=2)


def test_median_of_whole_numbers_is_finer_than_one():
    rng = np.random.default_rng(2)
    raw = np.rint(rng.normal(20_000.3, 1.0, (GEOMETRY.shape))).astype(np.int32)

    fine = correct_overscan(raw, GEOMETRY, OverscanSettings()).data.mean()
    coarse = correct_overscan(raw, GEOMETRY, OverscanSettings(overscan_is_int=False)).data.mean()

    assert abs(fine) < 0.05
    assert abs(coarse) > 2 * abs(fine)


def test_parallel_overscan_follows_the_columns():
    columns = 10 * np.sin(np.arange(GEOMETRY.data_columns))
    raw = amplifier()
    raw[:, GEOMETRY.data[1]] += np.rint(columns).astype(np.int32)
    settings = OverscanSettings(do_parallel_overscan=True)

    without = correct_overscan(raw, GEOMETRY, replace(settings, do_parallel_overscan=False)).data.mean(axis=0)
    found = correct_overscan(raw, GEOMETRY, settings).data.mean(axis=0)

    assert without.std() > 6
    assert np.abs(found - 500).max() < 5 * NOISE * np.sqrt(np.pi / 2 / 16 + 1 / 100)


def test_bleeding_columns_do_not_set_a_level():
    raw = amplifier()
    raw[GEOMETRY.data_rows :, 30] = 143_000
    settings = OverscanSettings(do_parallel_overscan=True, parallel_overscan_mask_grow_size=2)

    found = correct_overscan(raw, GEOMETRY, settings).data.mean(axis=0)

    assert np.abs(found - 500).max() < 5 * NOISE * np.sqrt(np.pi / 2 / 16 + 1 / 100)


def test_unknown_fits_and_empty_overscans_are_refused():
    with pytest.raises(ValueError, match="no overscan fit MODE; there is MEAN, "):
        correct_overscan(amplifier(), GEOMETRY, OverscanSettings(fit_type="MODE"))
    with pytest.raises(ValueError, match="no overscan is left of 64 pixels in a line: 40 and 30 are skipped"):
        correct_overscan(amplifier(), GEOMETRY, OverscanSettings(leading_to_skip=40, trailing_to_skip=30))
