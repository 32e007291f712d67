"""Images as plain arrays: raw ones by amplifier, and assembled ones with mask and variance.

Rows come first, columns second; row 0 is the bottom of the image. Nothing here knows a file or a butler.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntFlag
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.camera import Geometry

__all__ = ["CcdImage", "Float", "Mask", "MaskPlane", "RawImage"]

Float = NDArray[np.float32]
Mask = NDArray[np.uint16]


class MaskPlane(IntFlag):
    """What may be wrong with a pixel: one bit each, with the names and numbers of lsst/afw."""

    BAD = 1
    SAT = 2
    INTRP = 4
    CR = 8
    EDGE = 16
    DETECTED = 32
    DETECTED_NEGATIVE = 64
    SUSPECT = 128
    NO_DATA = 256
    CROSSTALK = 512
    UNMASKEDNAN = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class RawImage:
    """A raw image as it was read out.

    Attributes
    ----------
    header
        Keywords of the primary header.
    amplifiers
        Pixels of each amplifier [adu], in readout order, with prescan and overscan.
    """

    header: Mapping[str, Any]
    geometry: Geometry
    amplifiers: Mapping[str, NDArray[np.int32]]


@dataclass(slots=True, kw_only=True)
class CcdImage:
    """An assembled image without overscan.

    Attributes
    ----------
    image
        Pixels [adu, or electron where its header's BUNIT says so].
    mask
        Bits of `MaskPlane`.
    variance
        Of each pixel, in the square of the image's unit.
    header
        Keywords.
    """

    image: Float
    mask: Mask
    variance: Float
    header: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def blank(cls, shape: tuple[int, int], header: Mapping[str, Any] | None = None) -> CcdImage:
        """Return an image of zeros."""
        return cls(
            image=np.zeros(shape, np.float32),
            mask=np.zeros(shape, np.uint16),
            variance=np.zeros(shape, np.float32),
            header=dict(header or {}),
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.image.shape
        return rows, columns

    def copy(self) -> CcdImage:
        """Return an image of its own pixels."""
        return replace(
            self, image=self.image.copy(), mask=self.mask.copy(), variance=self.variance.copy(), header={**self.header}
        )

    def masked(self, planes: MaskPlane) -> NDArray[np.bool_]:
        """Return which pixels have any of the bits."""
        found: NDArray[np.bool_] = (self.mask & np.uint16(planes)) != 0
        return found
