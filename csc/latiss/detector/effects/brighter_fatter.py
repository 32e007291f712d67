"""The brighter-fatter effect: charge pushes away what comes after it, so that bright things grow fatter.

In one step: a pixel's charge Q becomes Q (1 + 1/2 (A * Q)), where A says how the charge of a pixel and of its
neighbours changes the pixel's area. To first order that gives Cov_ij = A_ij mu^2 beside Poisson's variance mu
(Astier et al. 2019, arXiv:1905.08677); the half is because charge arrives all the time and meets half of it on average.
"""

from __future__ import annotations

import numpy as np

from csc.latiss.detector.scene import Pixels, Scene, strips
from csc.latiss.detector.truth import BrighterFatter

__all__ = ["push_charge"]


def push_charge(pixels: Pixels, scene: Scene) -> Pixels:
    """Let the charge of each pixel change the area of those around it."""
    said = scene.sensor.truth.brighter_fatter
    around = np.pad(pixels, 2, mode="edge")
    for part in strips(pixels):
        change = _area_change(around[part.start : part.stop + 4], said)
        change *= 0.5
        change += 1.0
        pixels[part] *= change
    return pixels


def _area_change(around: Pixels, said: BrighterFatter) -> Pixels:
    """Sum the neighbours' charge times what an electron of each does; two pixels more are given on all sides."""
    ring = said.ring
    middle = around[:, 2:-2]
    beside = around[:, 1:-3] + around[:, 3:-1]
    wide = beside + middle
    wide += around[:, :-4]
    wide += around[:, 4:]
    change = wide[:-4] + wide[1:-3]
    for rows in (slice(2, -2), slice(3, -1), slice(4, None)):
        change += wide[rows]
    change *= np.float32(ring)
    for weight, charge in (
        (said.own, middle[2:-2]),
        (said.serial, beside[2:-2]),
        (said.parallel, middle[1:-3]),
        (said.parallel, middle[3:-1]),
        (said.diagonal, beside[1:-3]),
        (said.diagonal, beside[3:-1]),
    ):
        change += np.float32(weight - ring) * charge
    return change
