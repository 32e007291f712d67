import numpy as np
import pytest

from pipelines.image import CcdImage, MaskPlane
from pipelines.sky import average_sky, exposure_scale, focal_plane_levels, mask_objects, relative_sky, sky_image

SHAPE = (200, 320)
Y, X = np.mgrid[: SHAPE[0], : SHAPE[1]]
PATTERN = 0.02 * (X / SHAPE[1] - 0.5) - 0.03 * (Y / SHAPE[0] - 0.5)
"""Part of the sky that is seen unevenly; its mean is 0."""


def exposure(seed):
    rng = np.random.default_rng(seed)
    level = rng.uniform(800.0, 3000.0)
    image = CcdImage.blank(SHAPE)
    light = np.zeros(SHAPE)
    for row, column in rng.uniform((0, 0), SHAPE, (15, 2)):
        light += 2000.0 * np.exp(-((Y - row) ** 2 + (X - column) ** 2) / 8.0)
    image.image[...] = level * (1.0 + PATTERN) + light + rng.normal(0.0, level**0.5, SHAPE)
    return mask_objects(image, background_size=64), level


def relative(seed):
    image, _ = exposure(seed)
    levels = focal_plane_levels({"S00": image})
    return relative_sky(image, levels["S00"], exposure_scale(levels), 40)


def test_the_level_of_an_exposure_is_that_of_its_sky():
    image, level = exposure(1)

    assert focal_plane_levels({"S00": image})["S00"] == pytest.approx(level, rel=0.005)


def test_the_scale_is_the_median_of_detectors_that_see_anything():
    assert exposure_scale({"S00": 100.0, "S01": 110.0, "S02": 500.0, "S10": float("nan")}) == 110.0


@pytest.mark.parametrize("levels", [{}, {"S00": float("nan")}, {"S00": -3.0}])
def test_a_sky_of_nothing_is_refused(levels):
    with pytest.raises(ValueError, match="needs exposures of a sky above 0"):
        exposure_scale(levels)


def test_the_pattern_is_recovered_from_many_exposures():
    found = sky_image(average_sky([relative(seed) for seed in range(8)]))

    assert np.abs(found.image - PATTERN).max() < 0.004
    assert np.abs(found.image - PATTERN).mean() < 0.001
    assert not found.mask.any()
    assert found.header["OBSTYPE"] == "sky"


def test_a_box_that_never_saw_the_sky_is_bad():
    image, _ = exposure(1)
    image.mask[:40, :40] |= np.uint16(MaskPlane.SAT)
    sky = relative_sky(image, 1000.0, 1000.0, 40)

    found = sky_image(average_sky([sky, sky]))

    assert found.masked(MaskPlane.BAD)[:40, :40].all()
    assert found.masked(MaskPlane.BAD).sum() == 1600
    assert np.isfinite(found.image).all()


def test_an_exposure_counts_by_its_pixels():
    image, _ = exposure(1)
    full = relative_sky(image, 0.0, 1000.0, 40)
    image.image[...] *= 3.0
    image.mask[::2] |= np.uint16(MaskPlane.SAT)
    half = relative_sky(image, 0.0, 1000.0, 40)

    found = average_sky([full, half])

    expected = (full.levels * full.numbers + half.levels * half.numbers) / (full.numbers + half.numbers)
    np.testing.assert_allclose(found.levels, expected)


def test_skies_of_different_size_are_not_averaged():
    with pytest.raises(ValueError, match="cannot average 0 skies"):
        average_sky([])
    image, _ = exposure(1)
    with pytest.raises(ValueError, match="cannot average 2 skies; at least one is needed, all of one size"):
        average_sky([relative_sky(image, 0.0, 1.0, size) for size in (40, 80)])
