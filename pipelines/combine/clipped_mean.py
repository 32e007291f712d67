"""The clipped mean of many images, pixel by pixel, with the meaning that lsst/afw gives it.

The first clip is about the median, its width from the quartiles; each later one is about the mean of what the one
before kept, its width their standard deviation, and tests every value again.

Values of a pixel are sorted once; whatever lies within two limits is then one run of them, and a clip only moves the
run's ends. Two engines do that: one in numpy, and one compiled, three times as fast, where numba is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.combine.compiled import clip_compiled, is_compiled
from pipelines.combine.runs import clip_by_runs
from pipelines.image import Float

__all__ = ["ENGINES", "ClippedMean", "clipped_mean"]

Engine = Callable[[Float, float, int, Float, Float, NDArray[np.int32]], None]

ENGINES: Mapping[str, Engine] = {"compiled": clip_compiled, "numpy": clip_by_runs}
"""What does the work, the faster first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClippedMean:
    """Statistics of each pixel, shape (pixels,).

    Attributes
    ----------
    mean
        Of the values kept; not a number where there are none.
    variance
        Of one value, unbiased; not a number where fewer than two are kept.
    count
        Values kept.
    """

    mean: Float
    variance: Float
    count: NDArray[np.int32]


def clipped_mean(values: Float, *, sigma: float = 3.0, iterations: int = 3, engine: str = "") -> ClippedMean:
    """Return the clipped mean over the first axis.

    Parameters
    ----------
    values
        Shape (images, pixels), float32; what is not a number does not count. No value is infinite.
    sigma
        Half width of a clip [standard deviations].
    iterations
        Clips; none is the plain mean.
    engine
        One of `ENGINES`; the fastest there is unless given.

    References
    ----------
    lsst/afw: Statistics, MEANCLIP; quartiles are interpolated between neighbouring values.

    Examples
    --------
    >>> values = np.array([[1.0], [2.0], [3.0], [2.0], [900.0]], np.float32)
    >>> clipped_mean(values).mean
    array([2.], dtype=float32)
    """
    pixels = values.shape[1]
    mean, variance = np.empty(pixels, np.float32), np.empty(pixels, np.float32)
    count = np.empty(pixels, np.int32)
    work = ENGINES[engine or ("compiled" if is_compiled() else "numpy")]
    work(values, sigma, iterations, mean, variance, count)
    return ClippedMean(mean=mean, variance=variance, count=count)
