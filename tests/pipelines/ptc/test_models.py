from typing import Any

import numpy as np
import pytest
from scipy.signal import convolve2d

from pipelines.ptc.models import (
    convolution,
    exponential,
    exponential_slopes,
    full_covariance,
    full_covariance_slopes,
)

MEANS = np.array([1e3, 2e4, 1e5])


def plane(quadrant):
    half = np.concatenate([quadrant[:0:-1], quadrant])
    return np.concatenate([half[:, :0:-1], half], axis=1)


def test_the_convolution_matrix_convolves_mirrored_planes():
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=(2, 4, 4))

    found = (convolution(first) @ second.ravel()).reshape(4, 4)

    np.testing.assert_allclose(found, convolve2d(plane(first), plane(second), mode="same")[3:, 3:], atol=1e-12)


def test_without_repulsion_the_variance_is_that_of_poisson():
    np.testing.assert_allclose(exponential(MEANS, 0.0, 2.0, 40.0), MEANS / 2.0 + 10.0)


def test_the_exponential_has_the_limit_of_no_repulsion():
    np.testing.assert_allclose(exponential(MEANS, -1e-13, 2.0, 40.0), exponential(MEANS, 0.0, 2.0, 40.0), rtol=1e-7)


def test_repulsion_takes_a00_of_the_squared_signal_away():
    mean, gain, a00 = np.array([1e4]), 1.1, -1e-8

    lost = exponential(mean, a00, gain, 0.0) - mean / gain

    assert lost * gain**2 == pytest.approx(a00 * (mean * gain) ** 2, rel=1e-3)


def test_slopes_of_the_exponential_are_its_derivatives():
    values = np.array([-2e-6, 1.1, 60.0])
    steps = np.array([1e-10, 1e-6, 1e-2])

    slopes = exponential_slopes(MEANS, *values)

    for index, step in enumerate(np.diag(steps)):
        numeric = (exponential(MEANS, *(values + step)) - exponential(MEANS, *(values - step))) / (2.0 * steps[index])
        np.testing.assert_allclose(slopes[:, index], numeric, rtol=1e-6)


@pytest.mark.parametrize(("name", "step"), [("gain", 1e-6), ("a", 1e-9), ("c", 1e-14), ("noise", 1e-2)])
def test_slopes_of_the_full_model_are_its_derivatives(name, step):
    rng = np.random.default_rng(2)
    values: dict[str, Any] = {
        "a": rng.normal(size=(3, 3)) * 1e-6,
        "c": rng.normal(size=(3, 3)) * 1e-12,
        "noise": rng.normal(size=(3, 3)) * 10.0,
        "gain": np.array(1.1),
    }
    slopes = full_covariance_slopes(MEANS, **values)[name].reshape(3, 9, -1)

    for index in range(values[name].size):
        change = np.zeros(values[name].size)
        change[index] = step
        change = change.reshape(values[name].shape)
        high, low = (
            full_covariance(MEANS, **(values | {name: values[name] + sign * change})).reshape(3, 9) for sign in (1, -1)
        )
        numeric = (high - low) / (2.0 * step)
        np.testing.assert_allclose(slopes[:, :, index], numeric, rtol=1e-5, atol=1e-6 * np.abs(numeric).max())


def test_the_full_model_begins_as_the_exponential_does():
    a = np.zeros((2, 2))
    a[0, 0] = -1e-7
    noise = np.array([[60.0, 0.0], [0.0, 0.0]])

    full = full_covariance(MEANS, a, np.zeros((2, 2)), noise, 1.1)[:, 0, 0]

    np.testing.assert_allclose(full, exponential(MEANS, -1e-7, 1.1, 60.0), rtol=1e-6)
