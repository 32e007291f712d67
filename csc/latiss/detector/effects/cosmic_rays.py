"""Tracks of cosmic rays."""

from __future__ import annotations

import math

import numpy as np

from csc.latiss.detector.scene import Pixels, Scene

__all__ = ["cross_by_cosmic_rays"]

_STEP = 0.25
"""How finely a track is followed [pixel]."""
_READOUT = 2.0
"""Time of the read-out [s]: a row waits half of it on the average. lsst-ts/ts_observatory_control: latiss.py."""
_LONGEST = 200.0
"""Longest track [pixel]; chosen here: muons along the surface are rare, and leave the image."""


def cross_by_cosmic_rays(pixels: Pixels, scene: Scene) -> Pixels:
    """Add straight tracks [electron], as many as come during the dark time and half of the read-out.

    Muons come from above by the square of the cosine of the angle to the zenith.
    """
    said, sensor, rng = scene.sensor.truth.cosmic_rays, scene.sensor, scene.stream("cosmic rays")
    rows, columns = pixels.shape
    time = scene.exposure.dark_time + 0.5 * _READOUT
    for _ in range(int(rng.poisson(said.rate * time * sensor.side))):
        x, y, around, height = rng.random(4)
        slope = min(math.sqrt(max(height ** (-2.0 / 3.0) - 1.0, 0.0)), _LONGEST / said.thickness)
        length = said.thickness * slope
        steps = np.arange(max(1, math.ceil(length / _STEP))) * _STEP
        track_x = (x * columns + steps * math.cos(2.0 * math.pi * around)).astype(int)
        track_y = (y * rows + steps * math.sin(2.0 * math.pi * around)).astype(int)
        path = math.hypot(said.thickness, length)
        charge = rng.gamma(4.0, 0.25, steps.size) * said.charge * path / steps.size
        inside = (track_x >= 0) & (track_x < columns) & (track_y >= 0) & (track_y < rows)
        np.add.at(pixels, (track_y[inside], track_x[inside]), charge[inside].astype(np.float32))
    return pixels
