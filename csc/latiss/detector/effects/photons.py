"""Light comes in photons: what is to be expected becomes what was collected."""

from __future__ import annotations

import numpy as np

from csc.latiss.detector.scene import Pixels, Scene, strips

__all__ = ["count_photons"]

_MANY = 1000.0
"""From this mean level on [electron] the normal distribution stands for Poisson's: its skewness is 3 % there."""


def count_photons(pixels: Pixels, scene: Scene) -> Pixels:
    """Draw the charge of each pixel [electron] from the one to be expected."""
    level = scene.sensor.camera_gain * (scene.exposure.light.total - scene.exposure.light.dark)
    if level == 0.0 and scene.exposure.sky is None:
        return pixels
    rng = scene.stream("photons")
    for part in strips(pixels):
        expected = pixels[part]
        if level < _MANY:
            expected[...] = rng.poisson(np.maximum(expected, 0.0))
            continue
        noise = rng.standard_normal(expected.shape, dtype=np.float32)
        noise *= np.sqrt(expected)
        expected += noise
    return pixels
