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
from pipelines.combine.scaling import scales
from pipelines.image import CcdImage, Float, MaskPlane

__all__ = ["IGNORED", "CombineSettings", "combine"]

IGNORED = MaskPlane.SAT | MaskPlane.DETECTED | MaskPlane.INTRP
"""What does not count, in a pixel of an input: lsst/cp_pipe, cpCombine.py, ``mask``; a dark adds CR."""

_FEW = 5  # fewer inputs than that do not tell their scatter: their own variances are propagated


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
    combined = CcdImage.blank(shape)
    few = len(planes) < _FEW
    cube = np.empty((len(planes), min(settings.strip_rows, shape[0]) * shape[1]), np.float32)
    with ThreadPoolExecutor(settings.threads) if settings.threads > 1 else nullcontext() as pool:
        for start in range(0, shape[0], settings.strip_rows):
            rows = slice(start, min(start + settings.strip_rows, shape[0]))
            strip = cube[:, : (rows.stop - rows.start) * shape[1]]
            _load(planes, divisors, rows, settings.ignored, strip)
            if few:
                _propagate(planes, divisors, rows, strip, combined)
            _combine_strip(strip, rows, settings, pool, combined, few)
    del cube
    _fill(combined, len(planes))
    combined.header = calibration_header(kind, [each.header for each in planes], divisors, created=created)
    return combined


def _shape(planes: Sequence[PlaneReader]) -> tuple[int, int]:
    if not planes:
        raise ValueError("there is nothing to combine: no input")
    shapes = {each.shape for each in planes}
    if len(shapes) > 1:
        raise ValueError(f"images of different shapes cannot be combined: {', '.join(map(str, sorted(shapes)))}")
    return shapes.pop()


def _load(
    planes: Sequence[PlaneReader], divisors: Sequence[float], rows: slice, ignored: MaskPlane, strip: Float
) -> None:
    """Read rows of all inputs, scaled; what does not count is not a number."""
    missing: NDArray[np.bool_] | None = None
    bits, absent = np.uint16(ignored | MaskPlane.NO_DATA), np.uint16(MaskPlane.NO_DATA)
    for number, (plane, divisor, row) in enumerate(zip(planes, divisors, strip, strict=True)):
        image, mask = plane.image(rows.start, rows.stop).ravel(), plane.mask(rows.start, rows.stop).ravel()
        np.multiply(image, np.float32(1 / divisor), out=row)
        seen = np.bitwise_or.reduce(mask)
        if seen & bits:
            row[(mask & bits) != 0] = np.nan
        # A pixel is missing as long as every input says so.
        if not seen & absent:
            missing = None
        elif number == 0 or missing is not None:
            empty = (mask & absent) != 0
            missing = empty if missing is None else missing & empty
        # An infinite value makes the sum infinite, or not a number.
        if not np.isfinite(row.sum()):
            row[~np.isfinite(row)] = np.nan
    if missing is not None and missing.any():
        row_number, column = divmod(int(np.flatnonzero(missing)[0]), planes[0].shape[1])
        raise ValueError(
            f"{np.count_nonzero(missing)} pixels have NO_DATA in every one of {len(planes)} inputs, the first in "
            f"row {rows.start + row_number}, column {column}; leave out the images that were not read out whole"
        )


def _combine_strip(
    strip: Float, rows: slice, settings: CombineSettings, pool: Executor | None, combined: CcdImage, few: bool
) -> None:
    edges = np.linspace(0, strip.shape[1], settings.threads + 1).astype(int)
    image, variance = combined.image[rows].reshape(-1), combined.variance[rows].reshape(-1)

    def part(start: int, stop: int) -> None:
        found = clipped_mean(
            strip[:, start:stop], sigma=settings.clip, iterations=settings.iterations, engine=settings.engine
        )
        image[start:stop] = found.mean
        if not few:
            variance[start:stop] = found.variance / np.maximum(found.count, 1)

    if pool is None:
        part(0, strip.shape[1])
    else:
        for _ in pool.map(part, edges[:-1], edges[1:]):
            pass


def _propagate(
    planes: Sequence[PlaneReader], divisors: Sequence[float], rows: slice, strip: Float, combined: CcdImage
) -> None:
    """Give a strip the variance that the inputs' own let expect."""
    good = np.isfinite(strip)
    total = np.zeros(strip.shape[1], np.float64)
    for plane, divisor, counted in zip(planes, divisors, good, strict=True):
        total += np.where(counted, plane.variance(rows.start, rows.stop).ravel() / divisor**2, 0.0)
    count = np.count_nonzero(good, axis=0)
    combined.variance[rows] = (total / np.maximum(count, 1) ** 2).reshape(-1, combined.shape[1])


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
