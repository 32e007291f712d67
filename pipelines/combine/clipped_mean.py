"""The clipped mean of many images, pixel by pixel, with the meaning that lsst/afw gives it.

The first clip is about the median, its width from the quartiles; each later one is about the mean of what the one
before kept, its width their standard deviation, and tests every value again.

Values of a pixel are sorted once; whatever lies within two limits is then one run of them, and a clip only moves the
run's ends. Two engines do that: one in numpy, and one compiled, three times as fast, where numba is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.combine.compiled import clip_compiled, is_compiled
from pipelines.combine.runs import clip_by_runs
from pipelines.combine.weighted import clip_weighted
from pipelines.image import Float

__all__ = ["ENGINES", "ClippedMean", "clipped_mean"]

Engine = Callable[[Float, Float, float, int, Float, Float, Float, NDArray[np.int32]], None]


def _clip_in_numpy(values: Float, weights: Float, *others: Any) -> None:
    if np.all(weights == 1):
        clip_by_runs(values, *others)
    else:
        clip_weighted(values, weights, *others)


ENGINES: Mapping[str, Engine] = {"compiled": clip_compiled, "numpy": _clip_in_numpy}
"""What does the work, the faster first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClippedMean:
    """Statistics of each pixel, shape (pixels,).

    Attributes
    ----------
    mean
        Of the values kept; not a number where there are none.
    variance
        Of a value of weight 1, unbiased; not a number where fewer than two are kept.
    weight
        Sum of the weights of the values kept: the mean has the variance `variance` / `weight`.
    count
        Values kept.
    """

    mean: Float
    variance: Float
    weight: Float
    count: NDArray[np.int32]


def clipped_mean(
    values: Float, *, weights: Sequence[float] = (), sigma: float = 3.0, iterations: int = 3, engine: str = ""
) -> ClippedMean:
    """Return the clipped mean over the first axis.

    Parameters
    ----------
    values
        Shape (images, pixels), float32; what is not a number does not count. No value is infinite.
    weights
        One of each image, above 0, the inverse of the variance of its values but for a common factor; by default all
        are 1.
    sigma
        Half width of a clip [standard deviations].
    iterations
        Clips; none is the plain mean.
    engine
        One of `ENGINES`; the fastest there is unless given.

    Raises
    ------
    ValueError
        If there are weights, but not one above 0 for each image.

    References
    ----------
    lsst/afw: Statistics, MEANCLIP; quartiles are interpolated between neighbouring values.

    Examples
    --------
    >>> values = np.array([[1.0], [2.0], [3.0], [2.0], [900.0]], np.float32)
    >>> clipped_mean(values).mean
    array([2.], dtype=float32)
    """
    images, pixels = values.shape
    heavy = np.array(weights, np.float32) if len(weights) else np.ones(images, np.float32)
    if heavy.size != images or not (np.isfinite(heavy) & (heavy > 0)).all():
        raise ValueError(f"{images} images need as many weights above 0, not {list(weights)}")
    mean, variance, weight = (np.empty(pixels, np.float32) for _ in range(3))
    count = np.empty(pixels, np.int32)
    work = ENGINES[engine or ("compiled" if is_compiled() else "numpy")]
    work(values, heavy, sigma, iterations, mean, variance, weight, count)
    return ClippedMean(mean=mean, variance=variance, weight=weight, count=count)
