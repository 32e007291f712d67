"""The correction of a raw image, as a table of steps in their order.

Each step says when it is wanted, which calibration it needs, and what it does. Amplifiers are corrected in readout
order until they are assembled; from then on there is one image.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage

from pipelines.camera import amplifier_box
from pipelines.clipping import clip
from pipelines.image import CcdImage, Float, MaskPlane
from pipelines.isr.assembly import assemble
from pipelines.isr.filling import interpolate_along_rows, set_bad_amplifiers
from pipelines.isr.overscan import correct_overscan
from pipelines.isr.settings import IsrSettings
from pipelines.isr.work import Work

__all__ = ["STEPS", "Step"]

_ROWS = 400  # of 509 pixels: the mean to a twentieth of an adu, the scatter to 0.2 %


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, when it is wanted, what it does, and the calibration that it cannot do without."""

    name: str
    wanted: Callable[[IsrSettings], bool]
    run: Callable[[Work], None]
    needs: str | None = None


def _mask_saturation(work: Work) -> None:
    """Mark pixels that lie too far above the bias: offsets differ more than the margin to the full well."""
    geometry = work.raw.geometry
    for name in work.detector.amplifiers:
        pixels = work.raw.amplifiers[name]
        level = float(np.median(pixels[geometry.serial])) if geometry.serial_overscan else 0.0
        work.saturated[name] = pixels[geometry.data] >= work.settings.saturation + level


def _subtract_overscan(work: Work) -> None:
    for name in work.detector.amplifiers:
        found = correct_overscan(work.raw.amplifiers[name], work.raw.geometry, work.settings.overscan)
        work.data[name] = found.data
        work.header[f"LSST ISR OVERSCAN SERIAL MEDIAN {name}"] = found.level
        work.header[f"LSST ISR OVERSCAN SERIAL STDEV {name}"] = found.level_scatter
        work.header[f"LSST ISR OVERSCAN NOISE {name}"] = found.noise


def _trim(work: Work) -> None:
    for name in work.detector.amplifiers:
        work.data[name] = work.raw.amplifiers[name][work.raw.geometry.data].astype(np.float32)


def _assemble(work: Work) -> None:
    pixels: Float = assemble(work.data, work.detector)
    work.image = CcdImage.blank((pixels.shape[0], pixels.shape[1]), work.header)
    work.image.image = pixels
    work.header = work.image.header
    if any(each.any() for each in work.saturated.values()):
        saturated = assemble(work.saturated, work.detector)
        if work.settings.grow_saturation_footprint_size:
            square = np.ones((3, 3), bool)
            saturated = ndimage.binary_dilation(
                saturated, square, iterations=work.settings.grow_saturation_footprint_size
            )
        work.image.mask[saturated] |= np.uint16(MaskPlane.SAT)
    work.data, work.saturated = {}, {}


def _set_gains(work: Work) -> None:
    """Decide on gain [electron/adu] and read noise [adu] of each amplifier."""
    settings, curve = work.settings, work.calibrations.ptc
    for name, amplifier in work.detector.amplifiers.items():
        gain, noise = amplifier.gain, amplifier.read_noise
        if curve is not None and settings.use_ptc_gains:
            gain = _known(curve.gain, name, gain)
        if curve is not None and settings.use_ptc_read_noise:
            noise = _known(curve.noise, name, noise)
        seen = work.header.get(f"LSST ISR OVERSCAN NOISE {name}")
        empirical = settings.do_empirical_read_noise and seen is not None
        work.gains[name] = gain
        work.noises[name] = float(seen) if empirical and seen is not None else noise / gain
        work.header[f"LSST ISR GAIN {name}"] = gain
        work.header[f"LSST ISR READNOISE {name}"] = work.noises[name] * gain


def _known(values: Mapping[str, float], name: str, otherwise: float) -> float:
    value = float(values.get(name, np.nan))
    return value if np.isfinite(value) and value > 0 else otherwise


def _subtract_bias(work: Work) -> None:
    bias = _fitting(work, "bias", work.calibrations.bias)
    work.image.image -= bias.image
    work.image.mask |= bias.mask


def _make_variance(work: Work) -> None:
    """Give each pixel the variance of its electrons and of the read noise; less light than none has none."""
    for name, amplifier in work.detector.amplifiers.items():
        box = amplifier_box(amplifier, work.image.shape)
        shot = np.maximum(work.image.image[box], 0) / np.float32(work.gains[name])
        work.image.variance[box] = shot + np.float32(work.noises[name] ** 2)


def _linearize(work: Work) -> None:
    from pipelines.linearity import linearize

    if work.calibrations.linearizer is not None:
        work.image = linearize(work.image, work.calibrations.linearizer, work.detector)


def _correct_crosstalk(work: Work) -> None:
    from pipelines.crosstalk import correct

    if work.calibrations.crosstalk is not None:
        work.image = correct(work.image, work.calibrations.crosstalk, work.detector)


def _mask_defects(work: Work) -> None:
    if work.calibrations.defects is not None:
        work.image.mask[work.calibrations.defects.mask(work.image.shape)] |= np.uint16(MaskPlane.BAD)


def _mask_not_numbers(work: Work) -> None:
    lost = ~np.isfinite(work.image.image)
    work.image.mask[lost] |= np.uint16(MaskPlane.UNMASKEDNAN)


def _correct_brighter_fatter(work: Work) -> None:
    from pipelines.brighter_fatter import correct

    if work.calibrations.bfk is None:
        return
    whole = {"": (slice(None), slice(None))}
    boxes = {name: amplifier_box(each, work.image.shape) for name, each in work.detector.amplifiers.items()}
    gains = _gain_image(work)
    electrons = work.image.image * gains
    for name, box in (whole if work.calibrations.bfk.level == "DETECTOR" else boxes).items():
        electrons[box] = correct(
            electrons[box],
            work.calibrations.bfk.kernel(name),
            passes=work.settings.brighter_fatter_max_iter,
            settled=work.settings.brighter_fatter_threshold,
        )
    work.image.image = electrons / gains


def _subtract_dark(work: Work) -> None:
    dark = _fitting(work, "dark", work.calibrations.dark)
    length = float(dark.header.get("DARKTIME", 1.0))
    if not length > 0:
        raise ValueError(f"the dark of the calibrations has a DARKTIME of {length:g} s; is it a bias?")
    seconds = _dark_time(work.raw.header) / length
    work.image.image -= dark.image * np.float32(seconds)
    work.image.variance += dark.variance * np.float32(seconds**2)
    work.image.mask |= dark.mask


def _dark_time(header: Mapping[str, Any]) -> float:
    exposure_time = float(header.get("EXPTIME", 0.0))
    return max(float(header.get("DARKTIME", exposure_time)), exposure_time)


def _subtract_fringes(work: Work) -> None:
    from pipelines.fringe import subtract_fringes

    work.image = subtract_fringes(work.image, _fitting(work, "fringe", work.calibrations.fringe))


def _divide_flat(work: Work) -> None:
    """Divide by the flat; where it has no response, the pixel is bad and stays as it is."""
    flat = _fitting(work, "flat", work.calibrations.flat)
    useful = np.isfinite(flat.image) & (flat.image > 0)
    response = np.where(useful, flat.image, 1).astype(np.float32)
    noise = np.where(useful, flat.variance, 0).astype(np.float32)
    work.image.image /= response
    variance = (work.image.variance + work.image.image**2 * noise) / response**2
    work.image.variance = variance.astype(np.float32)
    work.image.mask |= flat.mask
    work.image.mask[~useful] |= np.uint16(MaskPlane.BAD)


def _apply_gains(work: Work) -> None:
    gains = _gain_image(work)
    work.image.image *= gains
    work.image.variance *= gains**2
    work.header["BUNIT"] = "electron"


def _gain_image(work: Work) -> Float:
    gains = np.ones(work.image.shape, np.float32)
    for name, amplifier in work.detector.amplifiers.items():
        gains[amplifier_box(amplifier, work.image.shape)] = work.gains[name]
    return gains


def _set_bad_regions(work: Work) -> None:
    lost = set_bad_amplifiers(work.image, work.detector)
    if lost:
        work.header["LSST ISR BAD AMPLIFIERS"] = " ".join(lost)


def _interpolate(work: Work) -> None:
    interpolate_along_rows(work.image, work.settings.mask_list_to_interpolate)


def _measure(work: Work) -> None:
    """Note mean and scatter, of so many rows of each amplifier as tell them well."""
    good = ~work.image.masked(MaskPlane.BAD | MaskPlane.SAT | MaskPlane.NO_DATA | MaskPlane.UNMASKEDNAN)
    for name, amplifier in work.detector.amplifiers.items():
        box = amplifier_box(amplifier, work.image.shape)
        rows = slice(None, None, max(1, (box[0].stop - box[0].start) // _ROWS))
        kept = work.image.image[box][rows][good[box][rows]]
        if kept.size:
            found = clip(kept)
            work.header[f"LSST ISR FINAL MEAN {name}"] = found.mean
            work.header[f"LSST ISR FINAL STDEV {name}"] = found.deviation


def _fitting(work: Work, name: str, calibration: CcdImage | None) -> CcdImage:
    """Return a calibration that has the image's shape."""
    if calibration is None or calibration.shape != work.image.shape:
        found = "none" if calibration is None else f"one of {calibration.shape}"
        raise ValueError(f"ISR needs a {name} of {work.image.shape} pixels, found {found}")
    return calibration


STEPS: tuple[Step, ...] = (
    Step("saturation", lambda settings: settings.do_saturation, _mask_saturation),
    Step("overscan", lambda settings: settings.do_overscan, _subtract_overscan),
    Step("trim", lambda settings: not settings.do_overscan, _trim),
    Step("assembly", lambda settings: True, _assemble),
    Step("gains", lambda settings: True, _set_gains),
    Step("bias", lambda settings: settings.do_bias, _subtract_bias, "bias"),
    Step("variance", lambda settings: settings.do_variance, _make_variance),
    Step("linearity", lambda settings: settings.do_linearize, _linearize, "linearizer"),
    Step("crosstalk", lambda settings: settings.do_crosstalk, _correct_crosstalk, "crosstalk"),
    Step("defects", lambda settings: settings.do_defect, _mask_defects, "defects"),
    Step("not numbers", lambda settings: settings.do_nan_masking, _mask_not_numbers),
    Step("brighter-fatter", lambda settings: settings.do_brighter_fatter, _correct_brighter_fatter, "bfk"),
    Step("dark", lambda settings: settings.do_dark, _subtract_dark, "dark"),
    Step("fringe", lambda settings: settings.do_fringe, _subtract_fringes, "fringe"),
    Step("flat", lambda settings: settings.do_flat, _divide_flat, "flat"),
    Step("apply gains", lambda settings: settings.do_apply_gains, _apply_gains),
    Step("bad regions", lambda settings: settings.do_set_bad_regions, _set_bad_regions),
    Step("interpolation", lambda settings: settings.do_interpolate, _interpolate),
    Step("statistics", lambda settings: settings.do_standard_statistics, _measure),
)
"""In their order: lsst/ip_isr, python/lsst/ip/isr/isrTask.py."""
