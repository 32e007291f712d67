"""The full well: a pixel holds so much, and what is more runs along its column."""

from __future__ import annotations

import numpy as np

from csc.latiss.detector.scene import Pixels, Scene, strips

__all__ = ["fill_wells"]

_ROOM = 1.0
"""Columns with less room than this in any pixel [electron] take up nothing."""


def fill_wells(pixels: Pixels, scene: Scene) -> Pixels:
    """Bend the charge towards the full well, as the camera's counts do, and let what does not fit run along columns.

    Half of what does not fit goes either way, within its half of the image; what reaches the end is lost.
    """
    full = scene.sensor.full_well
    room = scene.sensor.levels.roll_off * full
    if float(pixels.max()) <= full - room:
        return pixels
    rows = scene.sensor.readout.data_rows
    for half in (pixels[:rows], pixels[rows:]):
        over = np.maximum(half - np.float32(full), 0.0)
        for part in strips(half):
            _bend(half[part], full, room)
        columns = np.flatnonzero(over.any(axis=0))
        if columns.size:
            columns = columns[(np.float32(full) - half[:, columns]).max(axis=0) > _ROOM]
        if columns.size:
            held, spilt = half[:, columns], over[:, columns] * np.float32(0.5)
            _run(held, spilt, full)
            _run(held[::-1], spilt[::-1], full)
            half[:, columns] = held
    return pixels


def _bend(charge: Pixels, full: float, room: float) -> None:
    """Bend as `csc.latiss.light.soft_saturation` does: linear, then an exponential of the same slope."""
    bent = charge > full - room
    if bent.any():
        excess = charge[bent].astype(np.float64) - (full - room)
        charge[bent] = full - room * np.exp(-excess / room)


def _run(held: Pixels, spilt: Pixels, full: float) -> None:
    """Let the spilt charge of each column run towards higher rows until there is room."""
    running = np.zeros(held.shape[1], np.float32)
    for row, more in zip(held, spilt, strict=True):
        running += more
        taken = np.minimum(running, np.float32(full) - row)
        row += taken
        running -= taken
