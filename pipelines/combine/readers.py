"""What a combine needs of an input: its keywords, and any of its rows.

An input is read in strips, so that many images of any size are combined in the memory of a few.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from pipelines.image import CcdImage, Float, Mask

__all__ = ["CcdReader", "PlaneReader"]


class PlaneReader(Protocol):
    """An image that gives its rows from `start` up to before `stop`, shape (stop - start, columns)."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the whole image."""

    @property
    def header(self) -> Mapping[str, Any]:
        """Keywords."""

    def image(self, start: int, stop: int) -> Float:
        """Return pixels."""

    def mask(self, start: int, stop: int) -> Mask:
        """Return bits of `MaskPlane`."""

    def variance(self, start: int, stop: int) -> Float:
        """Return variances; asked for only when the inputs are too few to tell their scatter."""


class CcdReader:
    """Rows of an image in memory."""

    def __init__(self, image: CcdImage) -> None:
        self._image = image

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the whole image."""
        return self._image.shape

    @property
    def header(self) -> Mapping[str, Any]:
        """Keywords."""
        return self._image.header

    def image(self, start: int, stop: int) -> Float:
        """Return pixels, as a view."""
        return self._image.image[start:stop]

    def mask(self, start: int, stop: int) -> Mask:
        """Return bits of `MaskPlane`, as a view."""
        return self._image.mask[start:stop]

    def variance(self, start: int, stop: int) -> Float:
        """Return variances, as a view."""
        return self._image.variance[start:stop]
