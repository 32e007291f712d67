"""Fringes: `relative_fringes` finds the pattern in an exposure of the sky, `subtract_fringes` takes it off an image."""

from pipelines.fringe.frame import FringeSettings, relative_fringes
from pipelines.fringe.subtract import FringeAmplitude, fit_amplitude, subtract_fringes

__all__ = ["FringeAmplitude", "FringeSettings", "fit_amplitude", "relative_fringes", "subtract_fringes"]
