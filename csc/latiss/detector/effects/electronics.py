"""The electronics: the bias and its patterns, the noise of rows and of the read-out, and whole numbers at the end."""

from __future__ import annotations

import numpy as np

from csc.latiss.detector.scene import Pixels, Scene

__all__ = ["HIGHEST", "add_bias", "add_noise", "digitise"]

HIGHEST = 2**18 - 1
"""The largest number of the converter [adu]: 18 bits. lsst/obs_lsst: policy/cameraHeader.yaml."""


def add_bias(pixels: Pixels, scene: Scene) -> Pixels:
    """Add the bias, and to the data what its overscan does not know of this image's."""
    readout = scene.sensor.readout
    for raw, bias in zip(pixels, scene.patterns.bias, strict=True):
        raw += bias
    data = slice(readout.serial_prescan, readout.serial_prescan + readout.data_columns)
    pixels[:, : readout.data_rows, data] += np.float32(scene.exposure.light.bias)
    return pixels


def add_noise(pixels: Pixels, scene: Scene) -> Pixels:
    """Add the noise of each row, which its overscan shares, and that of each pixel."""
    sensor = scene.sensor
    rows, reads = scene.stream("row noise"), scene.stream("read noise")
    by_row = rows.normal(0.0, sensor.truth.electronics.row_noise, (*pixels.shape[:2], 1)).astype(np.float32)
    sigmas = scene.exposure.condition.read_noise * sensor.read_noises() / sensor.gains()
    for raw, drift, sigma in zip(pixels, by_row, sigmas, strict=True):
        noise = reads.standard_normal(raw.shape, dtype=np.float32)
        noise *= np.float32(sigma)
        noise += drift
        raw += noise
    return pixels


def digitise(pixels: Pixels, scene: Scene) -> Pixels:
    """Round to the whole numbers of the converter."""
    for raw in pixels:
        np.rint(raw, out=raw)
        np.clip(raw, 0.0, HIGHEST, out=raw)
    return pixels
