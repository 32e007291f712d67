"""Defects: the bad parts of a sensor, measured in frames, merged, and masked."""

from __future__ import annotations

from pipelines.defects.boxes import Box, Defects, amplifier_defects
from pipelines.defects.measuring import ColumnRules, DefectSettings, measure_defects
from pipelines.defects.merging import MERGES, MergeSettings, merge_defects

__all__ = [
    "MERGES",
    "Box",
    "ColumnRules",
    "DefectSettings",
    "Defects",
    "MergeSettings",
    "amplifier_defects",
    "measure_defects",
    "merge_defects",
]
