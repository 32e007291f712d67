"""Linearity: `solve_linearity` finds from a photon transfer curve what `linearize` adds to an image."""

from pipelines.linearity.line import robust_line, weighted_polynomial
from pipelines.linearity.linearizer import KINDS, Linearizer, correction, linearize
from pipelines.linearity.solve import LinearitySettings, solve_linearity

__all__ = ["KINDS", "LinearitySettings", "Linearizer", "correction", "linearize", "robust_line", "solve_linearity"]
__all__ += ["weighted_polynomial"]
