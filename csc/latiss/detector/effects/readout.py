"""The read-out: the image becomes what each amplifier sees, pixel after pixel, with charge left behind on the way."""

from __future__ import annotations

import numpy as np

from csc.latiss.detector.scene import Pixels, Scene

__all__ = ["divide", "transfer"]


def divide(pixels: Pixels, scene: Scene) -> Pixels:
    """Give each amplifier its part of the image in the order of its read-out, with empty pre- and overscan."""
    sensor = scene.sensor
    readout = sensor.readout
    raw = np.zeros(sensor.raw_shape, np.float32)
    data = raw[:, : readout.data_rows, readout.serial_prescan : readout.serial_prescan + readout.data_columns]
    for seen, amplifier in zip(data, readout.amplifiers, strict=True):
        part = pixels[sensor.box(amplifier)]
        seen[...] = part[:: -1 if amplifier.flip_y else 1, :: -1 if amplifier.flip_x else 1]
    return raw


def transfer(pixels: Pixels, scene: Scene) -> Pixels:
    """Leave a part of the charge behind at each transfer, for the pixel that follows: a trail into the overscan."""
    said = scene.sensor.truth.transfer
    rows, columns = pixels.shape[1:]
    by_row = (said.parallel * np.arange(1, rows + 1, dtype=np.float32))[:, None]
    by_column = said.serial * np.arange(1, columns + 1, dtype=np.float32)
    left = np.empty_like(pixels[0])
    for raw in pixels:
        np.multiply(raw, by_row, out=left)
        raw -= left
        raw[1:] += left[:-1]
        np.multiply(raw, by_column, out=left)
        raw -= left
        raw[:, 1:] += left[:, :-1]
    return pixels
