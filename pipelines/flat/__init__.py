"""Flats of several sensors: what brightness each exposure had, and what response each sensor.

A single sensor's flats are divided by their own means, the scaling `MeanStats` of `pipelines.combine`.
"""

from __future__ import annotations

from pipelines.flat.normalization import Backgrounds, Normalization, measure_background, normalize

__all__ = ["Backgrounds", "Normalization", "measure_background", "normalize"]
