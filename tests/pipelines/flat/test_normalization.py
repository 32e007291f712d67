from __future__ import annotations

import numpy as np
import pytest

from pipelines.flat import measure_background, normalize
from pipelines.image import CcdImage, MaskPlane


def test_response_and_brightness_are_recovered():
    rng = np.random.default_rng(1)
    response, brightness = rng.uniform(0.8, 1.2, 9), rng.uniform(5000, 30_000, 20)
    response /= response.mean()
    error = 1e-3
    level = np.outer(response, brightness) * rng.normal(1, error, (9, 20))

    found = normalize(level)

    assert found.response.mean() == pytest.approx(1)
    assert np.abs(found.response / response - 1).max() < 4 * error / np.sqrt(20)
    assert np.abs(found.brightness / brightness - 1).max() < 4 * error / np.sqrt(9)


def test_missing_levels_and_weights_are_allowed_for():
    response, brightness = np.array([0.9, 1.0, 1.1]), np.array([1000.0, 2000.0, 3000.0])
    level = np.outer(response, brightness)
    level[0, 1] = np.nan
    level[2, 2] = 9e9
    pixels = np.ones_like(level)
    pixels[2, 2] = 0

    found = normalize(level, pixels)

    np.testing.assert_allclose(found.response / found.response[1], response / response[1], rtol=1e-3)
    np.testing.assert_allclose(np.outer(found.response, found.brightness), np.outer(response, brightness), rtol=1e-3)


def test_mean_response_is_weighted_with_pixels():
    found = normalize([[800.0], [1200.0]], [[3.0], [1.0]])

    assert (3 * found.response[0] + found.response[1]) / 4 == pytest.approx(1)


@pytest.mark.parametrize(
    ("level", "text"),
    [
        ([[np.nan, np.nan], [1.0, 1.0]], "sensor 0 has no level"),
        ([[1.0, -1.0], [1.0, 0.0]], "exposure 1 has no level"),
        ([1.0, 2.0], "shape"),
    ],
)
def test_levels_that_say_nothing_are_refused(level, text):
    with pytest.raises(ValueError, match=text):
        normalize(level)


def test_background_is_of_good_pixels():
    image = CcdImage.blank((20, 20))
    image.image[...] = 100
    image.image[:, 0] = 7
    image.mask[:, 0] = MaskPlane.BAD
    image.image[3, 3] = 1e6

    assert measure_background(image) == (100.0, 379)
    assert measure_background(image, (slice(0, 10), slice(5, 10))) == (100.0, 50)
