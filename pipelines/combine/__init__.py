"""Combining: many images into one calibration, by a clipped mean that reads them in strips."""

from __future__ import annotations

from pipelines.combine.clipped_mean import ENGINES, ClippedMean, clipped_mean
from pipelines.combine.combining import IGNORED, RARE, CombineSettings, combine
from pipelines.combine.headers import PERCENTILES, calibration_header, distribution
from pipelines.combine.readers import CcdReader, PlaneReader
from pipelines.combine.scaling import SCALINGS, WEIGHTS, frame_mean, scales, weights

__all__ = [
    "ENGINES",
    "IGNORED",
    "PERCENTILES",
    "RARE",
    "SCALINGS",
    "WEIGHTS",
    "CcdReader",
    "ClippedMean",
    "CombineSettings",
    "PlaneReader",
    "calibration_header",
    "clipped_mean",
    "combine",
    "distribution",
    "frame_mean",
    "scales",
    "weights",
]
