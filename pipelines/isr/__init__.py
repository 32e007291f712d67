"""Instrument signature removal: from a raw image to one that has only light, and what is known to be wrong with it."""

from __future__ import annotations

from pipelines.isr.assembly import assemble, flipped
from pipelines.isr.correcting import correct
from pipelines.isr.filling import interpolate_along_rows, set_bad_amplifiers
from pipelines.isr.overscan import FIT_TYPES, Corrected, correct_overscan
from pipelines.isr.settings import IsrSettings, OverscanSettings
from pipelines.isr.steps import STEPS, Step
from pipelines.isr.work import Calibrations

__all__ = [
    "FIT_TYPES",
    "STEPS",
    "Calibrations",
    "Corrected",
    "IsrSettings",
    "OverscanSettings",
    "Step",
    "assemble",
    "correct",
    "correct_overscan",
    "flipped",
    "interpolate_along_rows",
    "set_bad_amplifiers",
]
