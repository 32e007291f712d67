import numpy as np
import pytest
from scipy import ndimage

from pipelines.image import CcdImage, MaskPlane
from pipelines.sky import detect, fit_background, grown, mask_objects, measure_background

SHAPE = (200, 300)
Y, X = np.mgrid[: SHAPE[0], : SHAPE[1]]
EVERY = np.ones(SHAPE, bool)


def sky(seed=1, stars=40):
    """Return a sloping sky with noise and stars, and where the stars are."""
    rng = np.random.default_rng(seed)
    image = CcdImage.blank(SHAPE)
    light = np.zeros(SHAPE)
    for row, column in rng.uniform((0, 0), SHAPE, (stars, 2)):
        light += rng.uniform(300.0, 5000.0) * np.exp(-((Y - row) ** 2 + (X - column) ** 2) / 8.0)
    image.image[...] = 1000.0 + 0.3 * X - 0.2 * Y + light + rng.normal(0.0, 20.0, SHAPE)
    return image, light


def test_a_slope_is_recovered_to_the_borders():
    slope = 100.0 + 0.5 * X - 0.2 * Y

    np.testing.assert_allclose(fit_background(slope, EVERY, 50), slope, atol=1e-6)


def test_boxes_without_good_pixels_are_filled_from_around():
    good = EVERY.copy()
    good[:120, :120] = False
    image = np.where(good, 50.0, 1e9)

    np.testing.assert_allclose(fit_background(image, good, 50), 50.0)


def test_without_any_good_pixel_there_is_no_background():
    assert not fit_background(np.full(SHAPE, 7.0), ~EVERY, 50).any()


def test_boxes_share_out_an_image_whose_size_they_do_not_divide():
    found = measure_background(np.ones((101, 47)), np.ones((101, 47), bool), 30)

    assert found.levels.shape == (3, 2)
    assert found.numbers.sum() == 101 * 47


def test_an_image_smaller_than_a_box_has_one_level():
    assert measure_background(np.ones((10, 10)), np.ones((10, 10), bool), 128).levels.shape == (1, 1)


def test_detection_finds_stars_and_little_else():
    image, light = sky()

    found = detect(image.image - (1000.0 + 0.3 * X - 0.2 * Y), EVERY, threshold=5.0, width=1.5, grow=2)

    assert found[light > 100.0].mean() > 0.97
    assert found[light < 0.1].mean() < 0.05


@pytest.mark.parametrize("radius", [0, 1, 3, 7])
def test_a_mask_grows_by_a_disc(radius):
    mask = np.random.default_rng(3).random((40, 50)) > 0.99

    found = grown(mask, radius)

    np.testing.assert_array_equal(found, ndimage.distance_transform_edt(~mask) <= radius)


def test_detection_looks_at_good_pixels_only():
    image = np.zeros(SHAPE)
    image[50, 50] = 1e6
    good = EVERY.copy()
    good[50, 50] = False
    noise = np.random.default_rng(2).normal(0.0, 1.0, SHAPE)

    assert not detect(image + noise, good, threshold=8.0, width=1.0, grow=0).any()


def test_objects_are_masked_until_no_more_are_found():
    image, light = sky(stars=60)
    image.mask[3, 3] = np.uint16(MaskPlane.BAD | MaskPlane.DETECTED)

    found = mask_objects(image, background_size=64, passes=5)

    detected = found.masked(MaskPlane.DETECTED)
    assert detected[light > 60.0].mean() > 0.97
    assert 0.02 < detected.mean() < 0.6
    assert found.mask[3, 3] & np.uint16(MaskPlane.BAD)
    assert not image.masked(MaskPlane.DETECTED)[10:].any()
    rest = (found.image - (1000.0 + 0.3 * X - 0.2 * Y))[~detected]
    assert rest.mean() == pytest.approx(0.0, abs=1.0)
