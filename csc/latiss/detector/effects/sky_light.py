"""The light of the sky: stars, and the fringes that its emission lines interfere to.

The even part of it falls like any other even light: see `illumination`.
"""

from __future__ import annotations

import math

import numpy as np

from csc.latiss.detector.description import element_name, load_detector
from csc.latiss.detector.patterns import fringe_pattern
from csc.latiss.detector.scene import Pixels, Scene

__all__ = ["see_sky"]

_BETA = 3.0
"""Exponent of a star's profile (Moffat 1969): wings between those of a Gaussian and of bad seeing. Chosen here."""
_REACH = 6.0
"""Where a star ends, in widths; chosen here: a thousandth of its peak is left there."""
_SHARPEST = 2.5
"""Smallest width of a star [pixel], so that a small image still samples it. Chosen here."""


def see_sky(pixels: Pixels, scene: Scene) -> Pixels:
    """Add what the sky shows beside its even background."""
    sky, light = scene.exposure.sky, scene.exposure.light
    if sky is None:
        return pixels
    strength = sky.fringes * scene.sensor.truth.fringes.get(_band(scene), 0.0) * light.sky * scene.sensor.camera_gain
    if strength:
        pixels += np.float32(strength) * fringe_pattern(scene.sensor) * scene.patterns.response
    ccd = load_detector().ccd
    width = max(_SHARPEST, sky.seeing / (ccd.pixel_size * ccd.plate_scale) * scene.sensor.side)
    for star in sky.stars:
        _add_star(pixels, scene, (star.x, star.y), star.peak * scene.exposure.exposure_time, width)
    return pixels


def _add_star(pixels: Pixels, scene: Scene, place: tuple[float, float], peak: float, width: float) -> None:
    rows, columns = pixels.shape
    x0, y0 = place[0] * (columns - 1), place[1] * (rows - 1)
    core, reach = width / (2.0 * math.sqrt(2.0 ** (1.0 / _BETA) - 1.0)), math.ceil(_REACH * width)
    low_y, low_x = max(0, round(y0) - reach), max(0, round(x0) - reach)
    around = slice(low_y, round(y0) + reach + 1), slice(low_x, round(x0) + reach + 1)
    y = np.arange(rows)[around[0], None] - y0
    x = np.arange(columns)[None, around[1]] - x0
    profile = peak * (1.0 + (x**2 + y**2) / core**2) ** -_BETA
    pixels[around] += profile.astype(np.float32) * scene.patterns.response[around]


def _band(scene: Scene) -> str:
    """Give the band that the light passed: of whichever element is not white."""
    detector = load_detector()
    filter_name, grating = element_name(scene.exposure.filter), element_name(scene.exposure.grating)
    if filter_name in detector.filters:
        band = detector.filters[filter_name].band
        return detector.gratings[grating].band if band == "white" and grating in detector.gratings else band
    return filter_name.partition("_")[0]  # ComCam's filters begin with their band
