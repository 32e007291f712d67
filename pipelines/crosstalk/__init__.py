"""Crosstalk: `extract_ratios` measures it in images, `solve_crosstalk` makes a matrix, `correct` takes it off."""

from pipelines.crosstalk.matrix import CrosstalkMatrix, correct, in_read_order
from pipelines.crosstalk.solve import CrosstalkRatios, CrosstalkSettings, extract_ratios, solve_crosstalk

__all__ = ["CrosstalkMatrix", "CrosstalkRatios", "CrosstalkSettings", "correct", "extract_ratios", "in_read_order"]
__all__ += ["solve_crosstalk"]
