"""By how much each input of a combine is divided, and how much it counts then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pipelines.clipping import clip
from pipelines.combine.readers import PlaneReader
from pipelines.image import MaskPlane

__all__ = ["SCALINGS", "WEIGHTS", "frame_mean", "scales", "weights"]


def frame_mean(
    reader: PlaneReader, ignored: MaskPlane = MaskPlane.DETECTED | MaskPlane.BAD | MaskPlane.NO_DATA
) -> float:
    """Return the clipped mean of a whole frame (3 sigma, 3 iterations), without masked pixels."""
    rows = reader.shape[0]
    keep = (reader.mask(0, rows) & np.uint16(ignored)) == 0
    return clip(reader.image(0, rows)[keep]).mean


def _keyword(name: str) -> Callable[[PlaneReader], float]:
    def read(reader: PlaneReader) -> float:
        if name not in reader.header:
            raise ValueError(f"{_name(reader)}: its header has no {name} to scale it by")
        return float(reader.header[name])

    return read


def _unity(_: PlaneReader) -> float:
    return 1.0


SCALINGS: Mapping[str, Callable[[PlaneReader], float] | None] = {
    "Unity": _unity,
    "ExposureTime": _keyword("EXPTIME"),
    "DarkTime": _keyword("DARKTIME"),
    "MeanStats": frame_mean,
    "InputList": None,
}
"""How each scaling finds an input's scale; those of `InputList` are given.

The names are those of lsst/cp_pipe, cpCombine.py, ``exposureScaling``.
"""


WEIGHTS: Mapping[str, Callable[[float], float]] = {"DarkTime": lambda seconds: seconds**2}
"""What an input counts, by its scale; where no rule is given all count the same.

Chosen here: the noise of a dark is that of its read-out, however long it was. Divided by its time, a dark of 5 s has
six times the noise of one of 30 s, and in a plain mean four such darks make most of the noise of all.
"""


def scales(scaling: str, inputs: Sequence[PlaneReader], given: Sequence[float] = ()) -> tuple[float, ...]:
    """Return the scale of each input.

    Parameters
    ----------
    scaling
        One of `SCALINGS`.
    given
        The scales of `InputList`, one for each input.

    Raises
    ------
    ValueError
        If the scaling is unknown, a keyword is missing, or a scale is not a positive number.
    """
    if scaling not in SCALINGS:
        raise ValueError(f"there is no scaling {scaling}; there is {', '.join(SCALINGS)}")
    measure = SCALINGS[scaling]
    found = tuple(float(each) for each in given) if measure is None else tuple(measure(each) for each in inputs)
    if len(found) != len(inputs):
        raise ValueError(f"{scaling} scaling: {len(found)} scales are given for {len(inputs)} inputs")
    for reader, scale in zip(inputs, found, strict=True):
        if not (np.isfinite(scale) and scale > 0):
            raise ValueError(f"{_name(reader)}: {scaling} scaling would divide it by {scale:g}; leave it out")
    return found


def _name(reader: PlaneReader) -> Any:
    return reader.header.get("OBSID", "an input")


def weights(scaling: str, divisors: Sequence[float]) -> tuple[float, ...]:
    """Return what each input counts; the mean is 1.

    Examples
    --------
    >>> weights("DarkTime", [10.0, 30.0]), weights("Unity", [1.0, 1.0])
    ((0.2, 1.8), (1.0, 1.0))
    """
    rule = WEIGHTS.get(scaling)
    if rule is None or len(set(divisors)) < 2:
        return (1.0,) * len(divisors)
    found = [rule(divisor) for divisor in divisors]
    mean = sum(found) / len(found)
    return tuple(each / mean for each in found)
