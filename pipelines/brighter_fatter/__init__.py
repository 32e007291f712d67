"""The brighter-fatter effect: `solve_kernel` makes a kernel of a photon transfer curve, `correct` applies it."""

from pipelines.brighter_fatter.correct import correct
from pipelines.brighter_fatter.kernel import LEVELS, BrighterFatterKernel
from pipelines.brighter_fatter.solve import (
    SOURCES,
    KernelSettings,
    is_valid,
    mirror,
    solve_kernel,
    solve_poisson,
    without_sum,
)

__all__ = ["LEVELS", "SOURCES", "BrighterFatterKernel", "KernelSettings", "correct", "is_valid", "mirror"]
__all__ += ["solve_kernel", "solve_poisson", "without_sum"]
