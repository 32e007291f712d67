"""From charge to volts: each amplifier's gain, what it hears of the others, and how far its answer is straight.

Signals are in adu already: a constant away from volts.
"""

from __future__ import annotations

import numpy as np

from csc.latiss.detector.scene import Pixels, Scene

__all__ = ["amplify", "bend", "cross_talk"]

_RUN = 1024
"""Pixels at a time: few enough that BLAS does not share them out to threads, which cost fifty times what they save."""


def amplify(pixels: Pixels, scene: Scene) -> Pixels:
    """Turn electrons into adu by each amplifier's true gain."""
    for raw, gain in zip(pixels, scene.sensor.gains(), strict=True):
        raw *= np.float32(1.0 / gain)
    return pixels


def cross_talk(pixels: Pixels, scene: Scene) -> Pixels:
    """Add what each amplifier hears of those that read a pixel at the same time."""
    heard = (np.eye(len(pixels)) + scene.sensor.crosstalk().T).astype(np.float32)
    flat = pixels.reshape(len(pixels), -1)
    for begin in range(0, flat.shape[1], _RUN):
        run = flat[:, begin : begin + _RUN]
        run[...] = heard @ run
    return pixels


def bend(pixels: Pixels, scene: Scene) -> Pixels:
    """Take what is missing at high signals: k times their square."""
    k = np.float32(scene.sensor.truth.nonlinearity.quadratic)
    missing = np.empty_like(pixels[0])
    for raw in pixels:
        np.multiply(raw, raw, out=missing)
        missing *= k
        raw -= missing
    return pixels
