import numpy as np
import pytest
from scipy.signal import convolve2d

from pipelines.ptc import covariances


def direct(image, good, lags):
    """Return the same by sums over pixels, lag by lag."""
    found, counts = np.zeros((lags, lags)), np.zeros((lags, lags))
    rows, columns = image.shape
    for dy, dx in np.ndindex(lags, lags):
        both = []
        for sign in (1, -1) if dx and dy else (1,):
            first = (slice(0, rows - dy), slice(0, columns - dx) if sign > 0 else slice(dx, columns))
            second = (slice(dy, rows), slice(dx, columns) if sign > 0 else slice(0, columns - dx))
            usable = good[first] & good[second]
            one, two = image[first][usable], image[second][usable]
            both.append(np.mean(one * two) - one.mean() * two.mean())
            counts[dy, dx] += usable.sum()
        found[dy, dx] = np.mean(both)
    return found, counts


@pytest.mark.parametrize("shape", [(17, 23), (40, 12)])
def test_transforms_give_what_direct_sums_give(shape):
    rng = np.random.default_rng(1)
    image = rng.normal(3.0, 10.0, shape)
    good = rng.random(shape) > 0.2

    found, counts = covariances(image, good, 5)

    expected, number = direct(image, good, 5)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(counts, number)


def test_pixels_that_do_not_count_may_hold_anything():
    rng = np.random.default_rng(2)
    image = rng.normal(0.0, 1.0, (30, 30))
    good = rng.random((30, 30)) > 0.1
    spoilt = np.where(good, image, np.nan)

    np.testing.assert_array_equal(covariances(spoilt, good, 3)[0], covariances(image, good, 3)[0])


def test_rows_come_first():
    kernel = np.array([[0.0, 0.3, 0.0], [0.05, 1.0, 0.05], [0.0, 0.3, 0.0]])
    image = convolve2d(np.random.default_rng(3).normal(size=(400, 400)), kernel, mode="same")

    found, _ = covariances(image, np.ones(image.shape, bool), 2)

    assert found[1, 0] == pytest.approx(0.6, abs=0.03)
    assert found[0, 1] == pytest.approx(0.1, abs=0.03)
