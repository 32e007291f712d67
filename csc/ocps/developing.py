"""Images as an observer looks at them: developed from raw pixels, with figures of each amplifier, without a butler.

Decides which corrections that takes: the level of the overscan, assembly, what is saturated, and the combined images
that somebody hands over. Which ones are valid when is the business of jobs and their repository.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csc.latiss.detector import Readout
from fsm import AuthorError
from pipelines.camera import Amplifier, Detector, Geometry, amplifier_box, load_camera
from pipelines.image import CcdImage, MaskPlane, RawImage

__all__ = ["CALIBRATIONS", "AmplifierFigures", "CcdImage", "Developed", "RawImage", "develop", "raw_from_file"]
__all__ += ["raw_from_pixels", "read_calibration"]

CALIBRATIONS = ("bias", "dark", "flat")
"""Kinds of combined images that an image can be corrected with, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmplifierFigures:
    """What an amplifier shows.

    Attributes
    ----------
    box
        Rows and columns of it in the picture.
    mean, scatter
        Of its pixels above the overscan, clipped [adu].
    level
        Of the overscan [adu].
    noise
        Read noise that the overscan shows [adu].
    gain, nominal_noise
        What the camera's data say of it [electron/adu, electron].
    saturated
        Part of its pixels that are saturated, or beside one that is.
    """

    name: str
    box: tuple[slice, slice]
    mean: float
    scatter: float
    level: float
    noise: float
    gain: float
    nominal_noise: float
    saturated: float

    @property
    def noise_electrons(self) -> float:
        """Read noise that the overscan shows, by the nominal gain [electron]."""
        return self.noise * self.gain


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Developed:
    """An image of one sensor, ready to be looked at.

    Attributes
    ----------
    detector, name
        Number of the sensor; its raft and place.
    pixels
        Shape (rows, columns) [adu], row 0 at the bottom.
    saturated
        Which pixels are, of the same shape.
    is_raw
        Whether the pixels are as they were read out, with prescan and overscan; figures are of corrected ones always.
    calibrations
        Kinds of combined images that it was corrected with.
    """

    detector: int
    name: str
    pixels: NDArray[np.float32]
    saturated: NDArray[np.bool_]
    is_raw: bool
    amplifiers: tuple[AmplifierFigures, ...]
    calibrations: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.pixels.shape
        return rows, columns


def raw_from_pixels(
    pixels: Mapping[str, NDArray[np.int32]], readout: Readout, header: Mapping[str, Any] | None = None
) -> RawImage:
    """Return a raw image of rendered pixels.

    Parameters
    ----------
    pixels
        Of each amplifier [adu], in readout order.
    readout
        How many of them are prescan, data and overscan.
    header
        Keywords; the correction for dark current needs EXPTIME and DARKTIME [s].
    """
    geometry = Geometry(**{name: getattr(readout, name) for name in Geometry.__slots__})
    return RawImage(header=dict(header or {}), geometry=geometry, amplifiers=pixels)


def raw_from_file(path: Path) -> RawImage:
    """Read a raw file as the cameras write it.

    Raises
    ------
    AuthorError
        If it is not there, truncated, or no raw image.
    """
    from pipelines.middleware.errors import FileFault
    from pipelines.middleware.raw_fits import read_raw

    try:
        return read_raw(path)
    except FileFault as fault:
        raise AuthorError(str(fault).removeprefix(f"{path}: "), file=str(path)) from fault


def read_calibration(path: Path) -> tuple[str, CcdImage]:
    """Read a combined image that a pipeline has written, and say of which of `CALIBRATIONS` it is.

    Raises
    ------
    AuthorError
        If it is not there, truncated, or none of them.
    """
    from pipelines.middleware.ccd_fits import read_ccd
    from pipelines.middleware.errors import FileFault

    try:
        image = read_ccd(path)
    except FileFault as fault:
        raise AuthorError(str(fault).removeprefix(f"{path}: "), file=str(path)) from fault
    kind = str(image.header.get("OBSTYPE", "nothing that is known")).lower()
    if kind not in CALIBRATIONS:
        raise AuthorError(f"a combined image of {kind}, not of {', '.join(CALIBRATIONS)}", file=str(path))
    return kind, image


def develop(
    raw: RawImage,
    instrument: str,
    detector: int,
    *,
    is_raw: bool = False,
    calibrations: Mapping[str, CcdImage] | None = None,
) -> Developed:
    """Correct an image and put it together.

    Parameters
    ----------
    instrument
        LATISS or LSSTComCam.
    detector
        Number of the sensor.
    is_raw
        Whether to show the pixels as they were read out; the figures stay those of the corrected image.
    calibrations
        Combined images by kind; without any, the overscan's level is all that is subtracted.

    Raises
    ------
    KeyError
        If there is no such instrument or sensor.
    ValueError
        If an amplifier is missing, or a calibration is of another size.
    """
    sensor = load_camera(instrument).detectors[detector]
    image = correct_with(raw, sensor, calibrations or {})
    saturated = image.masked(MaskPlane.SAT)
    pixels = image.image
    if is_raw:
        from pipelines.isr import assemble

        pixels = assemble(raw.amplifiers, sensor).astype(np.float32)
    figures = tuple(
        _figures(image, saturated, each, (pixels.shape[0], pixels.shape[1])) for each in sensor.amplifiers.values()
    )
    return Developed(
        detector=detector,
        name=sensor.header_name,
        pixels=pixels,
        saturated=_as_raw(saturated, raw.geometry, sensor) if is_raw else saturated,
        is_raw=is_raw,
        amplifiers=figures,
        calibrations=tuple(kind for kind in CALIBRATIONS if calibrations and kind in calibrations),
    )


def correct_with(raw: RawImage, sensor: Detector, calibrations: Mapping[str, CcdImage]) -> CcdImage:
    """Return the image [adu] without the level of the overscan, corrected with what there is; nothing is filled in."""
    from pipelines.isr import IsrSettings, correct

    bias, dark, flat = map(calibrations.get, CALIBRATIONS)
    settings = IsrSettings(
        do_bias=bias is not None,
        do_dark=dark is not None,
        do_flat=flat is not None,
        do_variance=False,
        do_defect=False,
        do_set_bad_regions=False,
        do_interpolate=False,
        do_standard_statistics=False,
    )
    return correct(raw, sensor, settings, bias=bias, dark=dark, flat=flat)


def _figures(
    image: CcdImage, saturated: NDArray[np.bool_], amplifier: Amplifier, shown: tuple[int, int]
) -> AmplifierFigures:
    from pipelines.clipping import clip

    name = amplifier.name
    box = amplifier_box(amplifier, image.shape)
    pixels = clip(image.image[box])
    return AmplifierFigures(
        name=name,
        box=amplifier_box(amplifier, shown),
        mean=pixels.mean,
        scatter=pixels.deviation,
        level=float(image.header[f"LSST ISR OVERSCAN SERIAL MEDIAN {name}"]),
        noise=float(image.header[f"LSST ISR OVERSCAN NOISE {name}"]),
        gain=amplifier.gain,
        nominal_noise=amplifier.read_noise,
        saturated=float(saturated[box].mean()),
    )


def _as_raw(saturated: NDArray[np.bool_], geometry: Geometry, sensor: Detector) -> NDArray[np.bool_]:
    """Give a mask of the assembled image to one with prescan and overscan."""
    from pipelines.isr import assemble, flipped

    masks = {}
    for name, amplifier in sensor.amplifiers.items():
        mask = np.zeros(geometry.shape, np.bool_)
        mask[geometry.data] = flipped(saturated[amplifier_box(amplifier, saturated.shape)], amplifier)
        masks[name] = mask
    return assemble(masks, sensor)
