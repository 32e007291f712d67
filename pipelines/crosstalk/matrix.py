"""How much of each amplifier's signal shows up in each other one, and how it is taken off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipelines.camera import Amplifier, Detector, amplifier_box
from pipelines.image import CcdImage, MaskPlane
from pipelines.plain import array, record

__all__ = ["CrosstalkMatrix", "correct", "in_read_order", "read_order_stack"]

_Value = TypeVar("_Value", bound=np.generic)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CrosstalkMatrix:
    """Parts of signals, by source, then target.

    Attributes
    ----------
    amplifiers
        Names, in the order of rows and columns.
    coefficients, errors
        Shape (n, n); the diagonal is 0. The error is that of a single pixel's ratio.
    numbers
        Pixels that each coefficient comes from.
    valid
        Whether a coefficient is significant; others are not applied.
    """

    amplifiers: tuple[str, ...]
    coefficients: NDArray[np.float64]
    errors: NDArray[np.float64]
    numbers: NDArray[np.float64]
    valid: NDArray[np.bool_]

    @property
    def mean_errors(self) -> NDArray[np.float64]:
        """Errors of the coefficients themselves: those of a ratio over the root of the number of pixels."""
        return np.asarray(self.errors / np.sqrt(np.maximum(self.numbers, 1.0)), dtype=np.float64)

    def as_dict(self) -> dict[str, Any]:
        """Return plain mappings, lists and numbers."""
        planes = {name: getattr(self, name).tolist() for name in ("coefficients", "errors", "numbers", "valid")}
        return {"amplifiers": list(self.amplifiers)} | planes

    @classmethod
    def from_dict(cls, data: object) -> CrosstalkMatrix:
        """Read what `as_dict` wrote.

        Raises
        ------
        ValueError
            If anything is missing, unknown or of the wrong shape.
        """
        what = "crosstalk matrix"
        found = record(data, what, ("amplifiers", "coefficients", "errors", "numbers", "valid"))
        names = tuple(str(name) for name in found["amplifiers"])
        size = (len(names), len(names))
        return cls(
            amplifiers=names,
            coefficients=array(found["coefficients"], f"{what}, coefficients", size),
            errors=array(found["errors"], f"{what}, errors", size),
            numbers=array(found["numbers"], f"{what}, numbers", size),
            valid=array(found["valid"], f"{what}, valid", size).astype(np.bool_),
        )


def in_read_order(pixels: NDArray[_Value], amplifier: Amplifier) -> NDArray[_Value]:
    """Return a view of an amplifier's pixels as they were read out; the same call turns it back.

    Examples
    --------
    >>> from pipelines.camera import load_camera
    >>> amplifier = load_camera("LATISS").detectors[0].amplifiers["C00"]
    >>> in_read_order(np.array([[1, 2], [3, 4]]), amplifier)
    array([[2, 1],
           [4, 3]])
    """
    return pixels[:: -1 if amplifier.flip_y else 1, :: -1 if amplifier.flip_x else 1]


def correct(image: CcdImage, matrix: CrosstalkMatrix, detector: Detector, *, mask_above: float = 45_000.0) -> CcdImage:
    """Return the image without what each amplifier's signal left in the others at the same time of readout.

    Parameters
    ----------
    image
        [adu] or [electron], assembled.
    mask_above
        Targets of sources brighter than this are marked CROSSTALK, in the unit of the image.

    Raises
    ------
    ValueError
        If the matrix lacks an amplifier of the detector.
    """
    amplifiers = detector.amplifiers
    missing = [name for name in amplifiers if name not in matrix.amplifiers]
    if missing:
        raise ValueError(f"crosstalk matrix: lacks {', '.join(missing)} of {detector.name}")
    index = [matrix.amplifiers.index(name) for name in amplifiers]
    parts = np.where(matrix.valid, matrix.coefficients, 0.0)[np.ix_(index, index)].astype(np.float32)
    signals = read_order_stack(image.image, amplifiers)
    signals[~np.isfinite(signals)] = 0.0
    count, rows, columns = signals.shape
    flat = signals.reshape(count, rows * columns)
    added = (parts.T @ flat).reshape(signals.shape)
    bright = signals > mask_above
    corrected = image.copy()
    for target, amplifier in enumerate(amplifiers.values()):
        box = amplifier_box(amplifier, image.shape)
        in_read_order(corrected.image[box], amplifier)[...] -= added[target]
        sources = bright[parts[:, target] != 0.0].any(axis=0)
        in_read_order(corrected.mask[box], amplifier)[sources] |= np.uint16(MaskPlane.CROSSTALK)
    return corrected


def read_order_stack(image: NDArray[_Value], amplifiers: Mapping[str, Amplifier]) -> NDArray[_Value]:
    """Return all amplifiers in read order, shape (amplifiers, rows, columns)."""
    shape = (image.shape[0], image.shape[1])
    boxes = [in_read_order(image[amplifier_box(each, shape)], each) for each in amplifiers.values()]
    return np.stack(boxes)
