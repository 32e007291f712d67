"""A tiny sensor of sixteen amplifiers whose truth the tests know: raw images in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipelines.camera import Detector, Geometry, amplifier_box, load_camera
from pipelines.image import RawImage

GEOMETRY = Geometry(serial_prescan=3, data_columns=64, serial_overscan=64, data_rows=100, parallel_overscan=16)
DETECTOR: Detector = load_camera("LATISS").detectors[0]
SHAPE = (2 * GEOMETRY.data_rows, 8 * GEOMETRY.data_columns)


@dataclass(kw_only=True)
class Sensor:
    """What the sensor does to light; images are of shape `SHAPE`."""

    geometry: Geometry = GEOMETRY
    dark_current: float = 0.03
    noise: float = 1.0
    offset: float = 20_000.0
    row_drift: float = 0.0
    bias: np.ndarray = field(default_factory=lambda: np.random.default_rng(1).normal(0.0, 2.0, SHAPE))
    response: np.ndarray = field(default_factory=lambda: np.random.default_rng(2).normal(1.0, 0.004, SHAPE))
    hot: np.ndarray = field(default_factory=lambda: np.zeros(SHAPE))

    def expose(
        self,
        number: int,
        kind: str = "BIAS",
        *,
        seconds: float = 0.0,
        rate: float = 0.0,
        electrons: np.ndarray | float = 0.0,
        header: Mapping[str, Any] | None = None,
    ) -> RawImage:
        """Return an image: `rate` is light [adu/s of the mean amplifier], `electrons` come on top of it."""
        rng = np.random.default_rng([number, len(kind)])
        light = rate * 1.083 * seconds * self.response + (self.dark_current + self.hot) * seconds
        charge = rng.poisson(np.maximum(light, 0)) + electrons
        amplifiers = {}
        for name, amplifier in DETECTOR.amplifiers.items():
            box = amplifier_box(amplifier, SHAPE)
            turn = (slice(None, None, -1 if amplifier.flip_y else 1), slice(None, None, -1 if amplifier.flip_x else 1))
            pixels = np.zeros(self.geometry.shape)
            pixels[self.geometry.data] = np.minimum(charge[box] / amplifier.gain + self.bias[box], 123_000)[turn]
            pixels += self.offset + self.row_drift * np.sin(np.arange(pixels.shape[0]))[:, np.newaxis]
            pixels += rng.normal(0.0, self.noise * amplifier.read_noise / amplifier.gain, pixels.shape)
            amplifiers[name] = np.rint(pixels).astype(np.int32)
        keywords = {
            "OBSID": f"AT_O_20260301_{number:06d}",
            "IMGTYPE": kind,
            "EXPTIME": seconds,
            "DARKTIME": seconds,
            "FILTER": "SDSSr_65mm",
            "GRATING": "empty_1",
            "DATE-BEG": f"2026-03-01T14:{number // 60 % 60:02d}:{number % 60:02d}",
            "DATE-END": f"2026-03-01T14:{number // 60 % 60:02d}:{number % 60:02d}.9",
        }
        return RawImage(header={**keywords, **(header or {})}, geometry=self.geometry, amplifiers=amplifiers)


def inner(name: str) -> tuple[slice, slice]:
    """Return the box of an amplifier."""
    return amplifier_box(DETECTOR.amplifiers[name], SHAPE)
