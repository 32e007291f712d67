"""One calibration image from many: the clipped mean, in strips of rows."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.combine.clipped_mean import clipped_mean
from pipelines.combine.headers import calibration_header
from pipelines.combine.readers import PlaneReader
from pipelines.combine.scaling import scales, weights
from pipelines.image import CcdImage, Float, MaskPlane

__all__ = ["IGNORED", "RARE", "CombineSettings", "combine"]

IGNORED = MaskPlane.SAT | MaskPlane.DETECTED | MaskPlane.INTRP
"""What does not count, in a pixel of an input: lsst/cp_pipe, cpCombine.py, ``mask``; a dark adds CR."""

RARE = MaskPlane.CR
"""What strikes a pixel in few of the inputs, if it is what it is taken for. Chosen here: where inputs that hold most of
the weight have it, at least two of them, the pixel is as they say, and counts. A hot pixel is as sharp as a cosmic ray,
and is found as one in every dark; without it, the dark would leave every hot pixel in the images."""

_FEW = 5  # fewer inputs than that do not tell their scatter: their own variances are propagated
_NOWHERE = np.empty(0, np.intp)


@dataclass(frozen=True, slots=True, kw_only=True)
class CombineSettings:
    """How inputs are combined.

    Attributes
    ----------
    clip
        Half width of a clip [standard deviations].
    iterations
        Clips.
    ignored
        Pixels with any of these bits do not count, and never those with NO_DATA.
    weighted
        Whether inputs count by what noise their scale leaves them: the rules of `pipelines.combine.WEIGHTS`.
    strip_rows
        Rows read of every input at a time.
    threads
        Parts of a strip that are computed at the same time.
    engine
        One of `pipelines.combine.ENGINES`; the fastest there is unless given.

    References
    ----------
    lsst/cp_pipe: python/lsst/cp/pipe/cpCombine.py
    """

    clip: float = 3.0
    iterations: int = 3
    ignored: MaskPlane = IGNORED
    weighted: bool = True
    strip_rows: int = 64
    threads: int = min(2, os.cpu_count() or 1)
    engine: str = ""


def combine(
    planes: Sequence[PlaneReader],
    settings: CombineSettings | None = None,
    *,
    kind: str = "bias",
    scaling: str = "Unity",
    given: Sequence[float] = (),
    created: str = "",
) -> CcdImage:
    """Return the clipped mean of images.

    Parameters
    ----------
    planes
        The inputs, all of one shape. Each is read strip by strip, in order.
    settings
        How.
    kind
        Of the calibration, for its header: ``bias``, ``dark``, ``flat`` and so on.
    scaling
        What each input is divided by: one of `pipelines.combine.SCALINGS`.
    given
        The scales of `InputList`.
    created
        When, as an ISO time, for the header.

    Returns
    -------
    CcdImage
        Image, its variance (scatter of the inputs, over their number), and its mask: a pixel without a good input is
        BAD, and has the median of the image. The header is that of `calibration_header`.

    Raises
    ------
    ValueError
        If there is no input, shapes differ, a scale is no use, or a pixel has no data in any input.
    """
    settings = settings or CombineSettings()
    shape = _shape(planes)
    divisors = scales(scaling, planes, given)
    counting = weights(scaling if settings.weighted else "", divisors)
    combined = CcdImage.blank(shape)
    few = len(planes) < _FEW
    cube = np.empty((len(planes), min(settings.strip_rows, shape[0]) * shape[1]), np.float32)
    with ThreadPoolExecutor(settings.threads) if settings.threads > 1 else nullcontext() as pool:
        for start in range(0, shape[0], settings.strip_rows):
            rows = slice(start, min(start + settings.strip_rows, shape[0]))
            strip = cube[:, : (rows.stop - rows.start) * shape[1]]
            _load(planes, divisors, counting, rows, settings.ignored, strip)
            if few:
                _propagate(planes, divisors, counting, rows, strip, combined)
            _combine_strip(strip, counting, rows, settings, pool, combined, few)
    del cube
    _fill(combined, len(planes))
    combined.header = calibration_header(
        kind, [each.header for each in planes], divisors, weights=counting, created=created
    )
    return combined


def _shape(planes: Sequence[PlaneReader]) -> tuple[int, int]:
    if not planes:
        raise ValueError("there is nothing to combine: no input")
    shapes = {each.shape for each in planes}
    if len(shapes) > 1:
        raise ValueError(f"images of different shapes cannot be combined: {', '.join(map(str, sorted(shapes)))}")
    return shapes.pop()


def _load(
    planes: Sequence[PlaneReader],
    divisors: Sequence[float],
    counting: Sequence[float],
    rows: slice,
    ignored: MaskPlane,
    strip: Float,
) -> None:
    """Read rows of all inputs, scaled; what does not count is not a number."""
    missing: NDArray[np.bool_] | None = None
    bits, absent = np.uint16((ignored | MaskPlane.NO_DATA) & ~RARE), np.uint16(MaskPlane.NO_DATA)
    rare = np.uint16(ignored & RARE)
    struck: list[NDArray[np.intp]] = []
    for number, (plane, divisor, row) in enumerate(zip(planes, divisors, strip, strict=True)):
        image, mask = plane.image(rows.start, rows.stop).ravel(), plane.mask(rows.start, rows.stop).ravel()
        np.multiply(image, np.float32(1 / divisor), out=row)
        seen = np.bitwise_or.reduce(mask)
        if seen & bits:
            row[(mask & bits) != 0] = np.nan
        struck.append(np.flatnonzero(mask & rare) if seen & rare else _NOWHERE)
        # A pixel is missing as long as every input says so.
        if not seen & absent:
            missing = None
        elif number == 0 or missing is not None:
            empty = (mask & absent) != 0
            missing = empty if missing is None else missing & empty
        # An infinite value makes the sum infinite, or not a number.
        if not np.isfinite(row.sum()):
            row[~np.isfinite(row)] = np.nan
    _leave_out_rare(struck, counting, strip)
    if missing is not None and missing.any():
        row_number, column = divmod(int(np.flatnonzero(missing)[0]), planes[0].shape[1])
        raise ValueError(
            f"{np.count_nonzero(missing)} pixels have NO_DATA in every one of {len(planes)} inputs, the first in "
            f"row {rows.start + row_number}, column {column}; leave out the images that were not read out whole"
        )


def _leave_out_rare(struck: Sequence[NDArray[np.intp]], counting: Sequence[float], strip: Float) -> None:
    """Leave out pixels that something rare has struck, by input, unless it strikes them too often to be that."""
    if not any(each.size for each in struck):
        return
    often, heavy = np.zeros(strip.shape[1], np.uint16), np.zeros(strip.shape[1], np.float32)
    for places, weight in zip(struck, counting, strict=True):
        often[places] += 1
        heavy[places] += np.float32(weight)
    usual = (often > 1) & (heavy > 0.5 * sum(counting))
    for places, row in zip(struck, strip, strict=True):
        row[places[~usual[places]]] = np.nan


def _combine_strip(
    strip: Float,
    counting: Sequence[float],
    rows: slice,
    settings: CombineSettings,
    pool: Executor | None,
    combined: CcdImage,
    few: bool,
) -> None:
    edges = np.linspace(0, strip.shape[1], settings.threads + 1).astype(int)
    image, variance = combined.image[rows].reshape(-1), combined.variance[rows].reshape(-1)

    def part(start: int, stop: int) -> None:
        found = clipped_mean(
            strip[:, start:stop],
            weights=counting,
            sigma=settings.clip,
            iterations=settings.iterations,
            engine=settings.engine,
        )
        image[start:stop] = found.mean
        if not few:
            variance[start:stop] = found.variance / np.where(found.weight > 0, found.weight, 1)

    if pool is None:
        part(0, strip.shape[1])
    else:
        for _ in pool.map(part, edges[:-1], edges[1:]):
            pass


def _propagate(
    planes: Sequence[PlaneReader],
    divisors: Sequence[float],
    counting: Sequence[float],
    rows: slice,
    strip: Float,
    combined: CcdImage,
) -> None:
    """Give a strip the variance that the inputs' own let expect."""
    total, heavy = np.zeros(strip.shape[1], np.float64), np.zeros(strip.shape[1], np.float64)
    for plane, divisor, weight, values in zip(planes, divisors, counting, strip, strict=True):
        counted = np.isfinite(values)
        own = plane.variance(rows.start, rows.stop).ravel() * (weight / divisor) ** 2
        total += np.where(counted, own, 0.0)
        heavy += weight * counted
    combined.variance[rows] = (total / np.where(heavy > 0, heavy, 1.0) ** 2).reshape(-1, combined.shape[1])


def _fill(combined: CcdImage, inputs: int) -> None:
    """Give a value to pixels that have none, and a variance to those with a single value."""
    empty = ~np.isfinite(combined.image)
    lonely = ~np.isfinite(combined.variance)
    if empty.any():
        if empty.all():
            raise ValueError(f"no pixel of any of {inputs} inputs is good")
        combined.image[empty] = np.median(combined.image[~empty])
        combined.mask[empty] |= np.uint16(MaskPlane.BAD)
    if lonely.any():
        # One value has the scatter of its neighbours, and is one, not many.
        known = combined.variance[~lonely]
        combined.variance[lonely] = np.median(known) * inputs if known.size else 0.0
