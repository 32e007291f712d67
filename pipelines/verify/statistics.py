"""What is measured in a frame that verification looks at: per amplifier, and for the whole detector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pipelines.camera import Amplifier, Detector, amplifier_box
from pipelines.clipping import clip
from pipelines.cosmic_rays import CosmicRaySettings, TooManyCosmicRays, repair_cosmic_rays
from pipelines.image import CcdImage, Float, MaskPlane

__all__ = ["AmplifierReference", "MeasureSettings", "Measured", "measure_frame"]

_CORNER = 200  # pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSettings:
    """How statistics are taken.

    Attributes
    ----------
    clip, iterations
        Of the clipped ones.
    ignored
        Pixels with any of these bits do not count.
    cosmic_rays
        What a ray is; those found are filled in for CR_NOISE.

    References
    ----------
    lsst/cp_verify: python/lsst/cp/verify/verifyStats.py
    """

    clip: float = 5.0
    iterations: int = 3
    ignored: MaskPlane = MaskPlane.DETECTED | MaskPlane.BAD | MaskPlane.NO_DATA
    cosmic_rays: CosmicRaySettings = field(default_factory=lambda: CosmicRaySettings(grow=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class AmplifierReference:
    """What an amplifier is compared with, in the unit of the image.

    Attributes
    ----------
    read_noise
        The nominal one.
    overscan_noise
        That of the overscan of the same frame; not a number if the frame does not say.
    """

    read_noise: float
    overscan_noise: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The statistics of one frame.

    Attributes
    ----------
    amplifiers
        MEAN, NOISE, CR_NOISE and so on of each amplifier, in the image's unit.
    references
        What each amplifier is compared with.
    detector
        Statistics of the whole detector.
    failed
        Why the frame could not be measured; empty if it could.
    """

    amplifiers: Mapping[str, Mapping[str, float]]
    references: Mapping[str, AmplifierReference]
    detector: Mapping[str, float]
    failed: str = ""


def measure_frame(image: CcdImage, detector: Detector, kind: str, settings: MeasureSettings | None = None) -> Measured:
    """Measure a frame after ISR; it stays as it is.

    Parameters
    ----------
    image
        In adu, or electron if its BUNIT says so.
    kind
        ``bias``, ``dark`` or ``flat``. A flat has no CR_NOISE: its own light would hide a ray.
    """
    settings = settings or MeasureSettings()
    good = ~image.masked(settings.ignored) & np.isfinite(image.image)
    repaired, failed = (None, "") if kind == "flat" else _repaired(image, detector, settings)
    amplifiers: dict[str, dict[str, float]] = {}
    references: dict[str, AmplifierReference] = {}
    for name, amplifier in detector.amplifiers.items():
        box = amplifier_box(amplifier, image.shape)
        keep, pixels = good[box], image.image[box]
        kept = clip(pixels[keep], limit=settings.clip, passes=settings.iterations)
        found = {"MEAN": _mean(pixels[keep]), "NOISE": kept.deviation, "N_PIXELS": float(np.count_nonzero(keep))}
        if repaired is not None:
            found["CR_NOISE"] = _scatter(repaired[box][keep])
        if kind == "bias":
            corner = _corner(amplifier, pixels.shape)
            found["AMP_CORNER"] = _mean(pixels[corner][keep[corner]])
        amplifiers[name] = found
        references[name] = _reference(image.header, amplifier)
    means = np.array([each["MEAN"] for each in amplifiers.values()])
    means = means[np.isfinite(means)]
    return Measured(
        amplifiers=amplifiers,
        references=references,
        detector={"MEAN": _mean(means), "SCATTER": _scatter(means)},
        failed=failed,
    )


def _repaired(image: CcdImage, detector: Detector, settings: MeasureSettings) -> tuple[Float | None, str]:
    """Return the pixels without cosmic rays, and why there are none if there are too many."""
    gain = 1.0
    if image.header.get("BUNIT", "adu") == "adu":
        gain = float(np.mean([each.gain for each in detector.amplifiers.values()]))
    copy = image.copy()
    try:
        repair_cosmic_rays(copy, replace(settings.cosmic_rays), gain=gain, keep=False)
    except TooManyCosmicRays as problem:
        return image.image, str(problem)
    return copy.image, ""


def _reference(header: Mapping[str, Any], amplifier: Amplifier) -> AmplifierReference:
    in_electrons = header.get("BUNIT", "adu") == "electron"
    gain = float(header.get(f"LSST ISR GAIN {amplifier.name}", amplifier.gain))
    overscan = float(header.get(f"LSST ISR OVERSCAN NOISE {amplifier.name}", np.nan))
    return AmplifierReference(
        read_noise=amplifier.read_noise if in_electrons else amplifier.read_noise / gain,
        overscan_noise=overscan * gain if in_electrons else overscan,
    )


def _corner(amplifier: Amplifier, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Return the box at the corner that is read first."""
    rows, columns = min(_CORNER, shape[0]), min(_CORNER, shape[1])
    return (
        slice(shape[0] - rows, None) if amplifier.flip_y else slice(rows),
        slice(shape[1] - columns, None) if amplifier.flip_x else slice(columns),
    )


def _mean(values: np.ndarray[Any, Any]) -> float:
    return float(values.mean(dtype=np.float64)) if values.size else float("nan")


def _scatter(values: np.ndarray[Any, Any]) -> float:
    return float(values.std(dtype=np.float64, ddof=1)) if values.size > 1 else 0.0
