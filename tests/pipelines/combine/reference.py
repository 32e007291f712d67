"""The clipped mean as it is stated, one pixel at a time."""

from __future__ import annotations

import numpy as np


def clipped_mean_of_pixel(values: np.ndarray, sigma: float, iterations: int) -> tuple[float, float, int]:
    """Return mean, variance and number of what is kept."""
    good = values[np.isfinite(values)].astype(np.float64)
    if not good.size:
        return np.nan, np.nan, 0
    kept = good
    for number in range(iterations):
        if number == 0:
            quarter, centre, three_quarters = np.percentile(good, [25, 50, 75])
            width = sigma * 0.7413 * (three_quarters - quarter)
        else:
            centre = kept.mean()
            width = sigma * (kept.std(ddof=1) if kept.size > 1 else 0.0)
        # Values that are equal but for rounding are equal.
        kept = good[np.abs(good - centre) <= width + 1e-9 * np.abs(centre)]
    return kept.mean(), kept.var(ddof=1) if kept.size > 1 else np.nan, kept.size
