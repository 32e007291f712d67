"""Raw files as the camera writes them: a primary header, and one compressed image for each amplifier.

A file is there whole or not at all: it is written beside its name and then renamed.

References
----------
lsst/obs_lsst: tests/headers/latiss-AT_O_20240624_000169_R00_S00.yaml (RICE_1, one row a tile, 32-bit integers)
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from csc.latiss.detector.header import Card, Value, amplifier_cards, primary_cards
from csc.latiss.detector.rendering import render
from csc.latiss.detector.sensor import Sensor
from csc.latiss.detector.tiles import compressed_units

if TYPE_CHECKING:
    from astropy.io import fits

    from csc.latiss.images import Exposure

__all__ = ["raw_name", "write_raw"]


def raw_name(exposure: Exposure, sensor: Sensor) -> str:
    """Name the file of an exposure and a sensor, such as ``AT_O_20260115_000012_R00_S00.fits``."""
    return f"{exposure.name}_{sensor.header_name}.fits"


def write_raw(
    exposure: Exposure,
    folder: Path,
    sensor: Sensor,
    *,
    known: Mapping[str, Value] | None = None,
    pixels: Mapping[str, NDArray[np.int32]] | None = None,
) -> Path:
    """Write the raw file of an exposure and a sensor, in place of one that may be there.

    Parameters
    ----------
    folder
        Where; made if it is not there.
    known
        What was known of the observatory, by the names in `header.KNOWN`.
    pixels
        Raw images by amplifier [adu], if they are rendered already.

    Returns
    -------
    Path
        The file, which has its last byte.

    Raises
    ------
    OSError
        If it could not be written, such as on a full disk; then nothing of it is left.
    ValueError
        If `known` has a name that no keyword carries, or `pixels` are not those of the sensor.
    """
    path = folder / raw_name(exposure, sensor)
    rendered = render(exposure, sensor) if pixels is None else pixels
    contents = list(_contents(exposure, sensor, known or {}, rendered, path.name))
    unfinished = folder / f".{path.name}.{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            file.writelines(contents)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(error.errno, f"{path} was not written: {reason}; nothing of it is left there") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return path


def _contents(
    exposure: Exposure,
    sensor: Sensor,
    known: Mapping[str, Value],
    pixels: Mapping[str, NDArray[np.int32]],
    file_name: str,
) -> Iterator[bytes]:
    from astropy.io import fits

    amplifiers = sensor.readout.amplifiers
    shapes = {name: raw.shape for name, raw in pixels.items()}
    if shapes != {amplifier.name: sensor.raw_shape[1:] for amplifier in amplifiers}:
        raise ValueError(
            f"pixels of {file_name} must be those of 16 amplifiers of {sensor.raw_shape[1:]}, got {shapes}"
        )
    primary = fits.PrimaryHDU(header=_header(primary_cards(exposure, sensor, known, file_name)))
    primary.header.set("EXTEND", True, after="NAXIS")
    yield primary.header.tostring().encode("ascii")
    yield from compressed_units([pixels[amplifier.name] for amplifier in amplifiers], _amplifier_headers(sensor))


@lru_cache(maxsize=16)
def _amplifier_headers(sensor: Sensor) -> list[str]:
    """Return what each amplifier's unit says beside what all tables say."""
    return [
        _header(amplifier_cards(sensor, amplifier, channel)).tostring(endcard=False, padding=False)
        for channel, amplifier in enumerate(sensor.readout.amplifiers, 1)
    ]


def _header(cards: Iterable[Card]) -> fits.Header:
    from astropy.io import fits

    return fits.Header(cards=[fits.Card(*card) for card in cards])
