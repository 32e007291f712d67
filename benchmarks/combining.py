"""The clipped mean of fifty images against its peers, and against one plain pass over the same strips.

Every one combines the same images, of 256 full rows, with 3 sigma and at most 3 iterations. They do not mean quite the
same: astropy clips about the median by the standard deviation, ccdproc clips once, the plain mean not at all.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from pipelines.combine import CcdReader, CombineSettings, clipped_mean, combine
from pipelines.image import CcdImage, MaskPlane

__all__ = ["COMBINERS", "speed"]

IMAGES, ROWS, COLUMNS, STRIP = 50, 256, 4072, 64


@cache
def _frames() -> tuple[CcdImage, ...]:
    """Return images of noise, each with some cosmic rays."""
    found = []
    for number in range(IMAGES):
        rng = np.random.default_rng(number)
        frame = CcdImage.blank((ROWS, COLUMNS), {"EXPTIME": 0.0})
        frame.image[...] = rng.normal(1000.0, 9.0, frame.shape)
        frame.image[rng.integers(0, ROWS, 50), rng.integers(0, COLUMNS, 50)] += 5000.0
        found.append(frame)
    return tuple(found)


def _combine(engine: str) -> Any:
    settings = CombineSettings(threads=1, strip_rows=STRIP, engine=engine)
    return combine([CcdReader(frame) for frame in _frames()], settings)


def _plain_pass() -> Any:
    """Read every strip, leave out masked pixels, and take the mean."""
    cube = np.empty((IMAGES, STRIP * COLUMNS), np.float32)
    mean = np.empty((ROWS, COLUMNS), np.float32)
    for start in range(0, ROWS, STRIP):
        for row, frame in zip(cube, _frames(), strict=True):
            np.copyto(row, frame.image[start : start + STRIP].ravel())
            if np.bitwise_or.reduce(frame.mask[start : start + STRIP].ravel()) & MaskPlane.SAT:
                row[:] = np.nan
        mean[start : start + STRIP] = cube.mean(axis=0).reshape(STRIP, COLUMNS)
    return mean


def _astropy() -> Any:
    from astropy.stats import sigma_clip

    cube = np.stack([frame.image for frame in _frames()])
    return sigma_clip(cube, sigma=3, maxiters=3, axis=0, masked=False, copy=False).mean(axis=0)


def _ccdproc() -> Any:
    from importlib import import_module

    from astropy import units
    from astropy.nddata import CCDData

    images = [CCDData(frame.image, unit=units.adu) for frame in _frames()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module("ccdproc").combine(images, method="average", sigma_clip=True, dtype=np.float32)


def _numpy() -> Any:
    """Clip as one would write it first, strip by strip."""
    mean = np.empty((ROWS, COLUMNS), np.float32)
    for start in range(0, ROWS, STRIP):
        cube = np.stack([frame.image[start : start + STRIP].ravel() for frame in _frames()])
        low, centre, high = np.percentile(cube, (25, 50, 75), axis=0)
        width = 3 * 0.7413 * (high - low)
        for clip in range(3):
            kept = np.where(np.abs(cube - centre) <= width, cube, np.nan)
            centre = np.nanmean(kept, axis=0)
            if clip < 2:
                width = 3 * np.nanstd(kept, axis=0, ddof=1)
        mean[start : start + STRIP] = centre.reshape(STRIP, COLUMNS)
    return mean


COMBINERS: Mapping[str, Callable[[], Any]] = {
    "cscsim": lambda: _combine("compiled"),
    "cscsim without a compiler": lambda: _combine("numpy"),
    "one plain pass": _plain_pass,
    "plain numpy": _numpy,
    "astropy": _astropy,
    "ccdproc": _ccdproc,
}


def speed(combiner: str) -> float:
    """Return pixels of an image, of every one of them, per CPU second [1e6]; compiling is done before."""
    _frames()
    clipped_mean(_frames()[0].image[:3].copy())
    COMBINERS[combiner]()
    started = time.process_time()
    COMBINERS[combiner]()
    return IMAGES * ROWS * COLUMNS / 1e6 / (time.process_time() - started)
