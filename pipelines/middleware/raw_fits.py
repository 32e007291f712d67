"""Raw images in FITS files as the cameras write them: one extension for each amplifier, in readout order.

The geometry comes from the file: `DATASEC` says which pixels saw the sky, the rest is prescan and overscan.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipelines.camera import Geometry
from pipelines.image import RawImage
from pipelines.middleware.errors import FileFault
from pipelines.middleware.fits_files import open_fits, plain
from pipelines.middleware.rice import decode_rows, is_plain_rice

if TYPE_CHECKING:
    from astropy.io import fits

__all__ = ["read_raw", "read_raw_geometry", "read_raw_header"]

_SECTION = re.compile(r"\[(\d+):(\d+),(\d+):(\d+)\]")
_AMPLIFIER = re.compile(r"Segment_?C?([01][0-7])", re.IGNORECASE)
_AMPLIFIERS = 16


def read_raw_header(path: str | Path) -> dict[str, Any]:
    """Return the keywords of the primary header of a raw image that is whole.

    Raises
    ------
    FileFault
        If the file is truncated, or has not one extension for each amplifier.
    """
    with open_fits(path, as_tables=True) as units:
        _amplifiers(units, path)
        return plain(units[0].header)


def read_raw_geometry(path: str | Path) -> Geometry:
    """Return the pixels of an amplifier as a raw image has them.

    Raises
    ------
    FileFault
        As `read_raw` does.
    """
    with open_fits(path, as_tables=True) as units:
        return _geometry(_amplifiers(units, path), path)


def read_raw(path: str | Path) -> RawImage:
    """Read a raw image.

    Raises
    ------
    FileFault
        If the file is truncated or damaged, or has not one extension for each amplifier, all of one geometry.
    """
    with open_fits(path, as_tables=True) as units:
        found = _amplifiers(units, path)
        if all(_is_tiled(unit) and is_plain_rice(unit.header) for unit in found.values()):
            return _raw(units, found, path, _decoded)
    with open_fits(path) as units:
        return _raw(units, _amplifiers(units, path), path, _as_astropy_does)


def _raw(
    units: fits.HDUList,
    amplifiers: Mapping[str, Any],
    path: str | Path,
    read: Callable[[Any, str | Path], NDArray[np.int32]],
) -> RawImage:
    geometry = _geometry(amplifiers, path)
    try:
        pixels = {name: read(unit, path) for name, unit in amplifiers.items()}
    except (OSError, ValueError, RuntimeError) as error:
        raise FileFault(f"{path}: its pixels cannot be read ({error}); fetch it again") from error
    return RawImage(header=plain(units[0].header), geometry=geometry, amplifiers=pixels)


def _as_astropy_does(unit: Any, _: str | Path) -> NDArray[np.int32]:
    return np.asarray(unit.data).astype(np.int32, copy=False)


def _decoded(unit: Any, path: str | Path) -> NDArray[np.int32]:
    place = unit.fileinfo()
    with open(path, "rb") as file:
        file.seek(place["datLoc"])
        return decode_rows(file.read(place["datSpan"]), unit.header)


def _is_tiled(unit: Any) -> bool:
    """Tell whether a unit is a compressed image, shown as a table."""
    return bool(unit.header.get("ZIMAGE")) and unit.header["XTENSION"] == "BINTABLE"


def _shape(unit: Any) -> tuple[int, int]:
    rows, columns = (unit.header["ZNAXIS2"], unit.header["ZNAXIS1"]) if _is_tiled(unit) else unit.shape
    return int(rows), int(columns)


def _amplifiers(units: fits.HDUList, path: str | Path) -> dict[str, Any]:
    matches = ((_AMPLIFIER.fullmatch(unit.name), unit) for unit in units[1:])
    found = {f"C{match[1]}": unit for match, unit in matches if match}
    if len(found) != _AMPLIFIERS:
        raise FileFault(
            f"{path}: {len(found)} extensions named Segment00 to Segment17, a raw image has {_AMPLIFIERS}; "
            "is it a raw image of one of our cameras?"
        )
    return found


def _geometry(amplifiers: Mapping[str, Any], path: str | Path) -> Geometry:
    found = {name: _geometry_of(unit, name, path) for name, unit in amplifiers.items()}
    first = next(iter(found.values()))
    odd = [name for name, geometry in found.items() if geometry != first]
    if odd:
        raise FileFault(
            f"{path}: the pixels of {', '.join(odd)} are laid out otherwise than those of {next(iter(found))}"
        )
    return first


def _geometry_of(unit: Any, name: str, path: str | Path) -> Geometry:
    section = str(unit.header.get("DATASEC", ""))
    match = _SECTION.fullmatch(section)
    if match is None:
        raise FileFault(f"{path}: DATASEC of {name} is {section!r}, not of the form [4:512,1:2000]")
    first_column, last_column, first_row, last_row = map(int, match.groups())
    rows, columns = _shape(unit)
    if not (first_row == 1 <= last_row <= rows and 1 <= first_column <= last_column <= columns):
        raise FileFault(f"{path}: DATASEC of {name} is {section}, outside its {columns} x {rows} pixels")
    return Geometry(
        serial_prescan=first_column - 1,
        data_columns=last_column - first_column + 1,
        serial_overscan=columns - last_column,
        data_rows=last_row,
        parallel_overscan=rows - last_row,
    )
