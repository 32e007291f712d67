"""The kernel of the brighter-fatter effect: for a detector, or for each of its amplifiers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.plain import array, each, number, record, text

__all__ = ["LEVELS", "BrighterFatterKernel"]

LEVELS = ("AMP", "DETECTOR")
"""Whether each amplifier has a kernel, or the detector one."""

DETECTOR = "DETECTOR"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BrighterFatterKernel:
    """Kernels, and what they were made from.

    Attributes
    ----------
    level
        One of `LEVELS`.
    kernels
        By amplifier, or the one of "DETECTOR", by row, then column, shape (n, n), n odd [pixel2/electron].
    area_changes
        Of the same keys: relative change of a pixel's area per electron, by row lag, then column lag [1/electron].
    area_errors
        Their errors, one sigma, before they were made to add up to 0.
    valid
        By the same keys: whether the kernel is deepest in its middle, nowhere high, and about 0 at its edges.
    gain
        By amplifier [electron/adu].
    """

    level: str
    kernels: Mapping[str, NDArray[np.float64]]
    area_changes: Mapping[str, NDArray[np.float64]]
    area_errors: Mapping[str, NDArray[np.float64]]
    valid: Mapping[str, bool]
    gain: Mapping[str, float]

    def kernel(self, amplifier: str) -> NDArray[np.float64]:
        """Return the kernel of an amplifier, that of the detector if there is only one.

        Raises
        ------
        KeyError
            If there is none.
        """
        return self.kernels[DETECTOR if self.level == DETECTOR else amplifier]

    def as_dict(self) -> dict[str, Any]:
        """Return plain mappings, lists and numbers."""
        return {
            "level": self.level,
            "kernels": {name: kernel.tolist() for name, kernel in self.kernels.items()},
            "area_changes": {name: plane.tolist() for name, plane in self.area_changes.items()},
            "area_errors": {name: plane.tolist() for name, plane in self.area_errors.items()},
            "valid": dict(self.valid),
            "gain": dict(self.gain),
        }

    @classmethod
    def from_dict(cls, data: object) -> BrighterFatterKernel:
        """Read what `as_dict` wrote.

        Raises
        ------
        ValueError
            If anything is missing, unknown or of the wrong shape.
        """
        what = "brighter-fatter kernel"
        found = record(data, what, ("level", "kernels", "area_changes", "area_errors", "valid", "gain"))

        def planes(key: str) -> dict[str, NDArray[np.float64]]:
            values = each(found[key], f"{what}, {key}")
            return {name: array(plane, f"{what}, {key}, {name}", (-1, -1)) for name, plane in values.items()}

        kernels = planes("kernels")
        for name, kernel in kernels.items():
            if kernel.shape[0] != kernel.shape[1] or not kernel.shape[0] % 2:
                raise ValueError(f"{what}, kernels, {name}: has the shape {kernel.shape}; expected an odd square")
        level = text(found["level"], f"{what}, level", LEVELS)
        if level == DETECTOR and set(kernels) != {DETECTOR}:
            raise ValueError(f"{what}: one of a detector has the kernel {DETECTOR} only, not {', '.join(kernels)}")
        valid = each(found["valid"], f"{what}, valid")
        gain = each(found["gain"], f"{what}, gain")
        return cls(
            level=level,
            kernels=kernels,
            area_changes=planes("area_changes"),
            area_errors=planes("area_errors"),
            valid={name: bool(value) for name, value in valid.items()},
            gain={name: number(value, f"{what}, gain, {name}") for name, value in gain.items()},
        )
