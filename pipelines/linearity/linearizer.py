"""What makes a signal proportional to light again, and how it is applied to an image."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import Akima1DInterpolator

from pipelines.camera import Detector, amplifier_box
from pipelines.image import CcdImage, Float
from pipelines.plain import array, each, number, record, text

__all__ = ["KINDS", "Linearizer", "correction", "linearize"]

Array = NDArray[np.float64]


def _none(signal: Array, coefficients: Array) -> Array:
    return np.zeros_like(signal)


def _squared(signal: Array, coefficients: Array) -> Array:
    found: Array = coefficients[0] * signal**2
    return found


def _polynomial(signal: Array, coefficients: Array) -> Array:
    found = np.zeros_like(signal)
    for coefficient in coefficients[::-1]:
        found = (found + coefficient) * signal
    return found * signal


def _spline(signal: Array, coefficients: Array) -> Array:
    nodes, values = np.split(coefficients, 2)
    spline = Akima1DInterpolator(nodes, values)
    # Beyond its nodes the spline keeps its last value: it would run away.
    return -np.asarray(spline(np.clip(signal, nodes[0], nodes[-1])), dtype=np.float64)


def _lookup_table(signal: Array, coefficients: Array) -> Array:
    step, table = coefficients[0], coefficients[1:]
    index = np.clip(np.nan_to_num(signal) / step, 0, len(table) - 1).astype(np.int64)
    found: Array = table[index]
    return found


KINDS: Mapping[str, Callable[[Array, Array], Array]] = {
    "None": _none,
    "Squared": _squared,
    "Polynomial": _polynomial,
    "Spline": _spline,
    "LookupTable": _lookup_table,
}
"""Each kind of correction: from signals U and coefficients to what is added to U, all in adu.

====================  =================================================
None
Squared               c0 U²
Polynomial            c0 U² + c1 U³ + …
Spline                -S(U), an Akima spline: its nodes, then its values
LookupTable           the step of the table, then the table itself
====================  =================================================
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linearizer:
    """A correction for each amplifier.

    Attributes
    ----------
    kind
        One of `KINDS`.
    coefficients
        By amplifier, in the order that `KINDS` gives.
    residuals
        Measured over fitted light, less 1, of each pair of flats, after the correction; NaN where it did not count.
    turnoff
        Highest signal [adu] below which the detector follows the light.
    """

    kind: str
    coefficients: Mapping[str, tuple[float, ...]]
    residuals: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    turnoff: Mapping[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return plain mappings, lists and numbers."""
        return {
            "kind": self.kind,
            "coefficients": {name: list(values) for name, values in self.coefficients.items()},
            "residuals": {name: list(values) for name, values in self.residuals.items()},
            "turnoff": dict(self.turnoff),
        }

    @classmethod
    def from_dict(cls, data: object) -> Linearizer:
        """Read what `as_dict` wrote.

        Raises
        ------
        ValueError
            If anything is missing, unknown or of the wrong shape.
        """
        what = "linearizer"
        found = record(data, what, ("kind", "coefficients", "residuals", "turnoff"))
        kind = text(found["kind"], f"{what}, kind", KINDS)

        def rows(key: str) -> dict[str, tuple[float, ...]]:
            return {
                name: tuple(array(values, f"{what}, {key}, {name}", (-1,)).tolist())
                for name, values in each(found[key], f"{what}, {key}").items()
            }

        coefficients = rows("coefficients")
        for name, values in coefficients.items():
            _check(kind, values, f"{what}, coefficients, {name}")
        turnoff = each(found["turnoff"], f"{what}, turnoff")
        return cls(
            kind=kind,
            coefficients=coefficients,
            residuals=rows("residuals"),
            turnoff={name: number(value, f"{what}, turnoff, {name}") for name, value in turnoff.items()},
        )


def _check(kind: str, values: tuple[float, ...], what: str) -> None:
    """Raise a ValueError unless the kind can be applied with the coefficients."""
    faults = {
        "Squared": "needs 1 coefficient" if len(values) != 1 else "",
        "Spline": "needs as many values as rising nodes, at least 2"
        if len(values) < 4 or len(values) % 2 or np.any(np.diff(values[: len(values) // 2]) <= 0.0)
        else "",
        "LookupTable": "needs a step above 0 and a table" if len(values) < 2 or not values[0] > 0.0 else "",
    }
    if fault := faults.get(kind):
        raise ValueError(f"{what}: {kind} {fault}; has {len(values)} numbers")


def correction(kind: str, coefficients: tuple[float, ...], signal: NDArray[np.floating[Any]]) -> Array:
    """Return what is added to signals [adu] of any shape.

    Examples
    --------
    >>> correction("Squared", (2e-8,), np.array([1e5]))
    array([200.])
    """
    return KINDS[kind](np.asarray(signal, dtype=np.float64), np.array(coefficients))


def linearize(image: CcdImage, linearizer: Linearizer, detector: Detector) -> CcdImage:
    """Return the image [adu, above bias] with a signal proportional to light; mask and variance are as before.

    Raises
    ------
    ValueError
        If the linearizer lacks an amplifier of the detector.
    """
    missing = [name for name in detector.amplifiers if name not in linearizer.coefficients]
    if missing:
        raise ValueError(f"linearizer: lacks {', '.join(missing)} of {detector.name}; solve it with all amplifiers")
    corrected = image.copy()
    for name, amplifier in detector.amplifiers.items():
        pixels: Float = corrected.image[amplifier_box(amplifier, image.shape)]
        added = correction(linearizer.kind, linearizer.coefficients[name], pixels)
        pixels += added.astype(np.float32)
    return corrected
