"""Verification: does a calibration do what it should, frame by frame, and is it certified."""

from __future__ import annotations

from pipelines.verify.criteria import (
    AMPLIFIER_TESTS,
    DETECTOR_TESTS,
    KINDS,
    AmplifierTest,
    DetectorTest,
    Tolerances,
)
from pipelines.verify.results import merge_detectors, merge_exposures, verify_detector
from pipelines.verify.statistics import AmplifierReference, Measured, MeasureSettings, measure_frame

__all__ = [
    "AMPLIFIER_TESTS",
    "DETECTOR_TESTS",
    "KINDS",
    "AmplifierReference",
    "AmplifierTest",
    "DetectorTest",
    "MeasureSettings",
    "Measured",
    "Tolerances",
    "measure_frame",
    "merge_detectors",
    "merge_exposures",
    "verify_detector",
]
