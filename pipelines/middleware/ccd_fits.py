"""Assembled images in FITS files: keywords in the primary header, then IMAGE, MASK and VARIANCE.

Nothing is compressed, so that some rows can be read without the others. A mask or a variance of nothing but zeros is
left out, and read as zeros.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pipelines.image import CcdImage, Float, Mask
from pipelines.middleware.errors import FileFault
from pipelines.middleware.fits_files import cards, open_fits, plain

if TYPE_CHECKING:
    from astropy.io import fits

__all__ = ["CcdRows", "read_ccd", "read_ccd_header", "write_ccd"]

_PLANES: Mapping[str, tuple[DTypeLike, DTypeLike]] = {
    "IMAGE": (">f4", np.float32),
    "MASK": (">i2", np.uint16),
    "VARIANCE": (">f4", np.float32),
}
"""Kind of each plane's numbers in the file and in memory."""


def write_ccd(image: CcdImage, path: str | Path) -> None:
    """Write an image; a file of that name is replaced.

    Raises
    ------
    ValueError
        If a header value cannot be written; nothing is then.
    """
    from astropy.io import fits

    planes: dict[str, NDArray[Any]] = {"IMAGE": image.image, "MASK": image.mask, "VARIANCE": image.variance}
    units = [fits.PrimaryHDU(header=cards(image.header))]
    units += [
        fits.ImageHDU(pixels.astype(_PLANES[name][0]), name=name)
        for name, pixels in planes.items()
        if name == "IMAGE" or pixels.any()
    ]
    fits.HDUList(units).writeto(path, overwrite=True)


def read_ccd(path: str | Path) -> CcdImage:
    """Read an image.

    Raises
    ------
    FileFault
        If the file is damaged, or has no image.
    """
    rows = CcdRows(path)
    height, _ = rows.shape
    return CcdImage(
        image=rows.image(0, height), mask=rows.mask(0, height), variance=rows.variance(0, height), header=rows.header
    )


def read_ccd_header(path: str | Path) -> dict[str, Any]:
    """Return an image's keywords, without its pixels.

    Raises
    ------
    FileFault
        If the file is damaged.
    """
    with open_fits(path) as units:
        return plain(units[0].header)


class CcdRows:
    """Some rows at a time of an image in a file, so that many images are read in the memory of a few.

    Raises
    ------
    FileFault
        If the file is damaged, or has no image.
    """

    def __init__(self, path: str | Path) -> None:
        with open_fits(path) as units:
            if "IMAGE" not in units:
                raise FileFault(f"{path}: no extension IMAGE; is it an image that a pipeline wrote?")
            self.header = plain(units[0].header)
            self._shape = units["IMAGE"].shape
            self._places = {name: _place(units[name]) for name in _PLANES if name in units}
        # Open for as long as the object lives: a butler may have fetched the file to a place that it clears.
        self._file = open(path, "rb")

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the whole image."""
        rows, columns = self._shape
        return rows, columns

    def image(self, start: int, stop: int) -> Float:
        """Return pixels of rows `start` up to before `stop`."""
        return self._rows("IMAGE", start, stop)

    def mask(self, start: int, stop: int) -> Mask:
        """Return bits of `MaskPlane`."""
        return self._rows("MASK", start, stop)

    def variance(self, start: int, stop: int) -> Float:
        """Return variances."""
        return self._rows("VARIANCE", start, stop)

    def _rows(self, plane: str, start: int, stop: int) -> NDArray[Any]:
        height, width = self._shape
        if not 0 <= start <= stop <= height:
            raise ValueError(f"{self._file.name}: there are no rows {start} to {stop}, it has {height}")
        place = self._places.get(plane)
        kind = _PLANES[plane][1]
        if place is None:
            return np.zeros((stop - start, width), kind)
        self._file.seek(place.offset + start * width * place.kind.itemsize)
        pixels = np.fromfile(self._file, place.kind, (stop - start) * width)
        return pixels.reshape(stop - start, width).astype(kind)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a plane's pixels begin in the file, and the kind of its numbers."""

    offset: int
    kind: np.dtype[Any]


def _place(unit: fits.ImageHDU) -> _Place:
    kind = np.dtype(_PLANES[unit.name][0])
    if unit.header["BITPIX"] != (-8 if kind.kind == "f" else 8) * kind.itemsize:
        raise FileFault(f"{unit.name} has BITPIX {unit.header['BITPIX']}; it is not an image that a pipeline wrote")
    return _Place(offset=unit.fileinfo()["datLoc"], kind=kind)
