"""Light that falls evenly: the lamp's and the open dome's, through dust, as far as each pixel answers to it."""

from __future__ import annotations

import numpy as np

from csc.latiss.detector.patterns import Grain
from csc.latiss.detector.scene import Pixels, Scene
from fsm import Streams

__all__ = ["illuminate"]


def illuminate(pixels: Pixels, scene: Scene) -> Pixels:
    """Fill an image with the light that is to be expected [electron]."""
    light, gain = scene.exposure.light, scene.sensor.camera_gain
    lamp, even = gain * (light.lamp + light.flicker), gain * (light.stray + light.sky)
    if lamp == even == 0.0:
        return pixels
    np.multiply(scene.patterns.response, np.float32(lamp + even), out=pixels)
    tilt = scene.exposure.condition.tilt * lamp / (lamp + even)
    if tilt:
        pixels *= (1.0 + tilt * (np.linspace(0.0, 1.0, pixels.shape[1]) - 0.5)).astype(np.float32)
    for grain in dust_of(scene):
        _shade(pixels, grain, scene.sensor.truth.response.dust_width * scene.sensor.side)
    return pixels


def dust_of(scene: Scene) -> list[Grain]:
    """Give the grains of dust where they lie on the day of an exposure."""
    sigma = scene.sensor.truth.response.dust_drift * scene.sensor.side
    rng = Streams(scene.exposure.day_obs).stream("dust", scene.sensor.serial)
    return [
        Grain(x=grain.x + dx, y=grain.y + dy, radius=grain.radius, depth=grain.depth)
        for grain, (dx, dy) in zip(
            scene.patterns.dust, rng.normal(0.0, sigma, (len(scene.patterns.dust), 2)), strict=True
        )
    ]


def _shade(pixels: Pixels, grain: Grain, width: float) -> None:
    """Take the light of a ring: the shadow of a grain out of focus, with the telescope's hole in its middle."""
    reach = grain.radius + 4.0 * width
    rows, columns = pixels.shape
    low_y, high_y = max(0, int(grain.y - reach)), min(rows, int(grain.y + reach) + 1)
    low_x, high_x = max(0, int(grain.x - reach)), min(columns, int(grain.x + reach) + 1)
    if low_y >= high_y or low_x >= high_x:
        return
    y, x = np.arange(low_y, high_y)[:, None] - grain.y, np.arange(low_x, high_x)[None, :] - grain.x
    off = (np.hypot(x, y) - grain.radius) / width
    pixels[low_y:high_y, low_x:high_x] *= (1.0 - grain.depth * np.exp(-0.5 * off**2)).astype(np.float32)
