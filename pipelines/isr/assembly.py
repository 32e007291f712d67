"""Amplifiers in readout order, and their places in the image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.camera import Amplifier, Detector, amplifier_box

__all__ = ["assemble", "flipped"]


def flipped(pixels: NDArray[Any], amplifier: Amplifier) -> NDArray[Any]:
    """Return an amplifier's pixels turned from readout order to the image's, or back, as a view."""
    return pixels[:: -1 if amplifier.flip_y else 1, :: -1 if amplifier.flip_x else 1]


def assemble(amplifiers: Mapping[str, NDArray[Any]], detector: Detector) -> NDArray[Any]:
    """Return the image of a detector.

    Parameters
    ----------
    amplifiers
        Data pixels of each, in readout order, all of one shape (rows, columns).

    Returns
    -------
    array
        Shape (2 x rows, 8 x columns).

    Raises
    ------
    ValueError
        If an amplifier is missing, or one has another shape.
    """
    missing = [name for name in detector.amplifiers if name not in amplifiers]
    if missing:
        raise ValueError(f"{detector.name}: amplifier {', '.join(missing)} is missing from the raw image")
    shapes = {amplifiers[name].shape for name in detector.amplifiers}
    if len(shapes) > 1:
        raise ValueError(f"{detector.name}: amplifiers have different shapes, {', '.join(map(str, sorted(shapes)))}")
    first = next(iter(detector.amplifiers))
    rows, columns = shapes.pop()
    image = np.empty(
        (
            rows * (1 + max(each.row for each in detector.amplifiers.values())),
            columns * (1 + max(each.column for each in detector.amplifiers.values())),
        ),
        amplifiers[first].dtype,
    )
    for name, amplifier in detector.amplifiers.items():
        image[amplifier_box(amplifier, image.shape)] = flipped(amplifiers[name], amplifier)
    return image
