import numpy as np
import pytest

from pipelines.fringe import FringeSettings, fit_amplitude, relative_fringes, subtract_fringes
from pipelines.image import CcdImage, MaskPlane

SHAPE = (240, 240)
Y, X = np.mgrid[: SHAPE[0], : SHAPE[1]]
FRINGES = 0.02 * np.sin(2.0 * np.pi * (X + 0.002 * Y**2) / 24.0)
SETTINGS = FringeSettings(background_size=80)


def exposure(seed, level=2500.0, part=1.0, stars=12):
    """Return a sloping sky with fringes, noise and stars [adu]."""
    rng = np.random.default_rng(seed)
    light = np.zeros(SHAPE)
    for row, column in rng.uniform((0, 0), SHAPE, (stars, 2)):
        light += rng.uniform(1e3, 2e4) * np.exp(-((Y - row) ** 2 + (X - column) ** 2) / 4.0)
    image = CcdImage.blank(SHAPE)
    image.image[...] = level * (1.0 + 2e-4 * X + part * FRINGES) + light
    image.image += rng.normal(0.0, level**0.5, SHAPE)
    image.variance[...] = level
    return image


def frame():
    image = CcdImage.blank(SHAPE)
    image.image[...] = FRINGES
    return image


def mean_of_frames(frames):
    """Return the mean of the pixels without stars: what the combination of many frames comes to."""
    good = np.stack([~each.masked(MaskPlane.DETECTED) for each in frames])
    values = np.stack([each.image for each in frames])
    image = CcdImage.blank(SHAPE)
    image.image[...] = np.where(good, values, 0.0).sum(axis=0) / np.maximum(good.sum(axis=0), 1)
    return image


def test_the_pattern_is_recovered_from_exposures_of_different_level():
    frames = [relative_fringes(exposure(seed, level=1000.0 + 500.0 * seed), SETTINGS) for seed in range(10)]

    found = mean_of_frames(frames)

    assert np.corrcoef(found.image.ravel(), FRINGES.ravel())[0, 1] > 0.9
    assert fit_amplitude(found, frame(), background_size=80).value == pytest.approx(1.0, abs=0.06)


def test_a_frame_is_relative_to_the_level_of_the_sky():
    image = exposure(1, stars=0)

    found = relative_fringes(image, SETTINGS)

    level = found.header["FRINGE LEVEL"]
    assert level == pytest.approx(2500.0 * 1.024, rel=0.01)
    assert found.image.mean() == pytest.approx(0.0, abs=1e-3)
    np.testing.assert_allclose(found.variance, image.variance / level**2, rtol=1e-5)


def test_stars_are_marked_and_fringes_are_not():
    found = relative_fringes(exposure(2), SETTINGS).masked(MaskPlane.DETECTED)

    assert found[exposure(2).image > 4000.0].all()
    assert found.mean() < 0.1


def test_a_galaxy_digs_no_hole_into_the_pattern():
    image = exposure(6, stars=0)
    image.image += (1e4 * np.exp(-((Y - 120.0) ** 2 + (X - 120.0) ** 2) / 200.0)).astype(np.float32)

    found = relative_fringes(image, SETTINGS)

    around = ~found.masked(MaskPlane.DETECTED)[80:160, 80:160]
    assert found.image[80:160, 80:160][around].mean() == pytest.approx(0.0, abs=0.005)


def test_a_dark_sky_is_refused():
    with pytest.raises(ValueError, match="fringes: the level of the sky is .*; fringes are measured relative to it"):
        relative_fringes(CcdImage.blank(SHAPE))


@pytest.mark.parametrize("part", [0.0, 0.5, 1.0, 2.0])
def test_the_amplitude_is_recovered_within_its_error(part):
    found = fit_amplitude(exposure(3, part=part), frame(), background_size=80)

    assert found.error < 25.0
    assert found.value == pytest.approx(2500.0 * part, abs=max(4.0 * found.error, 0.04 * 2500.0 * part))


def test_subtraction_leaves_the_sky_without_fringes():
    image = exposure(4, stars=0)

    found = subtract_fringes(image, frame())

    before, after = (fit_amplitude(each, frame(), background_size=80).value for each in (image, found))
    assert before > 2300.0
    assert abs(after) < 0.05 * before
    assert found.image.mean() == pytest.approx(image.image.mean(), rel=1e-3)
    assert found.header["FRINGE AMPLITUDE"] == pytest.approx(2500.0, rel=0.06)
    np.testing.assert_array_equal(image.image, exposure(4, stars=0).image)


def test_bad_pixels_of_either_do_not_count():
    image, fringe = exposure(5), frame()
    image.image[:60], image.mask[:60] = 1e7, np.uint16(MaskPlane.SAT)
    fringe.image[100:110] = np.nan

    found = fit_amplitude(image, fringe, background_size=80)

    assert found.value == pytest.approx(2500.0, rel=0.06)


def test_frames_of_another_size_are_refused():
    with pytest.raises(ValueError, match=r"the image has \(240, 240\) pixels, the fringe frame \(10, 10\)"):
        fit_amplitude(exposure(1), CcdImage.blank((10, 10)))


def test_an_empty_fringe_frame_is_refused():
    with pytest.raises(ValueError, match="or the frame is empty"):
        fit_amplitude(exposure(1), CcdImage.blank(SHAPE))
