import numpy as np
import pytest
from scipy.signal import oaconvolve

from pipelines.brighter_fatter import correct, mirror, solve_poisson
from tests.pipelines.ptc.flats import A00, AREA_CHANGE, Sensor

KERNEL = solve_poisson(np.pad(-mirror(AREA_CHANGE[2:, 2:]), 3))
INNER = (slice(12, -12), slice(12, -12))
SENSOR = Sensor(noise=0.0, full_well=1e9)


def moved(image):
    """Return an image whose charge has repelled charge, as the kernel says: the other way round than `correct`."""
    potential = oaconvolve(image, KERNEL, mode="same")
    found = image.copy()
    for axis in (0, 1):
        ahead, behind = (np.roll(image, shift, axis) for shift in (-1, 1))
        step, back = (np.roll(potential, shift, axis) for shift in (-1, 1))
        # What crosses each border: the mean of the charge on both sides, times the step of the potential.
        found -= 0.5 * ((image + ahead) / 2 * (step - potential) - (image + behind) / 2 * (potential - back))
    return found


@pytest.mark.parametrize("mean", [30_000.0, 100_000.0])
def test_a_corrected_flat_has_the_variance_of_poisson(mean):
    image = SENSOR.pixels(np.random.default_rng(1), mean, (500, 500), 1.0).astype(np.float32)

    found = correct(image, KERNEL).astype(np.float64)[INNER]

    before = image[INNER].astype(np.float64)
    assert before.var() / before.mean() == pytest.approx(1.0 + A00 * mean, abs=0.02)
    assert found.var() / found.mean() == pytest.approx(1.0, abs=0.015)
    neighbours = np.mean((found[1:] - found.mean()) * (found[:-1] - found.mean())) / found.var()
    assert abs(neighbours) < 0.01


def star(mean=1e5, width=1.6):
    y, x = np.mgrid[-30:31, -30:31]
    return 500.0 + mean * np.exp(-(x**2 + y**2) / (2.0 * width**2))


def size(image):
    y, x = np.mgrid[-30:31, -30:31]
    inside = x**2 + y**2 < 100
    return ((image - 500.0) * (x**2 + y**2))[inside].sum() / (image - 500.0)[inside].sum()


def test_a_bright_star_is_as_small_as_a_faint_one_again():
    true = star()
    seen = moved(true)

    found = correct(seen.astype(np.float32), KERNEL)

    grown, left = size(seen) / size(true) - 1.0, size(found) / size(true) - 1.0
    assert grown > 0.005
    assert abs(left) < 0.25 * grown
    assert found.sum() == pytest.approx(true.sum(), rel=1e-3)


def test_one_pass_adds_the_formula():
    y, x = np.mgrid[:40, :40]
    image = 1e4 * (2.0 + np.sin(x / 5.0) + np.cos(y / 7.0))
    kernel = np.zeros((3, 3))
    kernel[1, 1] = -1e-6

    found = correct(image.astype(np.float32), kernel, passes=1)

    potential = -1e-6 * image
    slopes = [np.gradient(image, axis=axis) * np.gradient(potential, axis=axis) for axis in (0, 1)]
    curvatures = [np.roll(potential, 1, axis) + np.roll(potential, -1, axis) - 2.0 * potential for axis in (0, 1)]
    expected = 0.5 * (sum(slopes) + image * sum(curvatures))
    np.testing.assert_allclose((found - image)[2:-2, 2:-2], expected[2:-2, 2:-2], atol=5e-3)
    assert np.abs(expected[2:-2, 2:-2]).max() > 5.0


def test_borders_are_left_as_they_are():
    image = SENSOR.pixels(np.random.default_rng(2), 50_000.0, (60, 60), 1.0).astype(np.float32)

    found = correct(image, KERNEL)

    half = len(KERNEL) // 2
    changed = found != image
    assert not changed[:half].any()
    assert not changed[:, -half:].any()
    assert changed[half:-half, half:-half].mean() > 0.9


def test_missing_pixels_stay_missing_and_spoil_no_other():
    image = SENSOR.pixels(np.random.default_rng(3), 50_000.0, (80, 80), 1.0).astype(np.float32)
    image[40, 40] = np.nan

    found = correct(image, KERNEL)

    assert np.isnan(found[40, 40])
    assert np.isfinite(found).sum() == found.size - 1


def test_one_pass_is_not_enough_for_a_bright_flat():
    image = SENSOR.pixels(np.random.default_rng(4), 100_000.0, (200, 200), 1.0).astype(np.float32)

    once, often = (correct(image, KERNEL, passes=passes) for passes in (1, 10))

    assert np.abs(once - often).max() > 1.0
    np.testing.assert_allclose(correct(image, KERNEL, passes=20), often, atol=0.5)


@pytest.mark.parametrize("kernel", [np.zeros((4, 4)), np.zeros((3, 5))])
def test_a_kernel_without_a_middle_is_refused(kernel):
    with pytest.raises(ValueError, match="expected an odd square"):
        correct(np.zeros((50, 50), np.float32), kernel)


def test_an_image_smaller_than_the_kernel_is_refused():
    with pytest.raises(ValueError, match=r"\(10, 50\) pixels are too few for a kernel of 11"):
        correct(np.zeros((10, 50), np.float32), KERNEL)
