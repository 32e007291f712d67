"""What a combined calibration says of itself: what it was made of, and how its values are spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipelines.camera import Detector, amplifier_box
from pipelines.image import CcdImage, MaskPlane

__all__ = ["PERCENTILES", "calibration_header", "distribution"]

PERCENTILES = (0, 5, 16, 50, 84, 95, 100)
"""Of the pixels of each amplifier."""

_EXPOSURE_TIMES = {"bias": 0.0}  # of a combined image [s]; every other one is of 1 s


def calibration_header(
    kind: str,
    headers: Sequence[Mapping[str, Any]],
    scales: Sequence[float],
    *,
    weights: Sequence[float] = (),
    created: str = "",
) -> dict[str, Any]:
    """Return the keywords of a calibration made of images with these headers.

    Parameters
    ----------
    kind
        ``bias``, ``dark``, ``flat`` and so on.
    scales
        What each input was divided by.
    weights
        What each counted, where they differ: keywords of our own.
    created
        When, as an ISO time; whoever has a clock says so.

    References
    ----------
    lsst/cp_pipe: python/lsst/cp/pipe/cpCombine.py, combineHeaders and calibration statistics

    Examples
    --------
    >>> header = calibration_header("dark", [{"OBSID": "AT_O_20260115_000007", "EXPTIME": 30.0}], [30.1])
    >>> header["CPP_INPUT_0"], header["CPP_INPUT_EXPT_0"], header["CPP_INPUT_SCALE_0"], header["DARKTIME"]
    ('AT_O_20260115_000007', 30.0, 30.1, 1.0)
    """
    length = _EXPOSURE_TIMES.get(kind, 1.0)
    first = headers[0] if headers else {}
    kept = {key: first[key] for key in ("INSTRUME", "FILTER", "GRATING", "DETECTOR", "BUNIT") if key in first}
    header = {**kept, "OBSTYPE": kind, "IMGTYPE": kind.upper(), "EXPTIME": length, "DARKTIME": length}
    if created:
        day, _, clock = created.partition("T")
        header |= {"CALIB_CREATION_DATE": day, "CALIB_CREATION_TIME": clock}
    for keyword, choose in (("DATE-BEG", min), ("DATE-END", max)):
        dates = [str(each[keyword]) for each in headers if keyword in each]
        if dates:
            header[keyword] = choose(dates)
    for number, (each, scale) in enumerate(zip(headers, scales, strict=True)):
        header[f"CPP_INPUT_{number}"] = each.get("OBSID", "")
        header[f"CPP_INPUT_DATE_{number}"] = each.get("DATE-BEG", "")
        header[f"CPP_INPUT_EXPT_{number}"] = float(each.get("EXPTIME", 0.0))
        header[f"CPP_INPUT_SCALE_{number}"] = float(scale)
    if len(set(weights)) > 1:
        header |= {f"CPP_INPUT_WEIGHT_{number}": float(weight) for number, weight in enumerate(weights)}
    return header


def distribution(image: CcdImage, detector: Detector, kind: str) -> dict[str, float]:
    """Return the percentiles of each amplifier's pixels, and how many of the image are bad, as keywords."""
    found: dict[str, float] = {}
    for name, amplifier in detector.amplifiers.items():
        box = amplifier_box(amplifier, image.shape)
        for percentile, value in zip(PERCENTILES, np.percentile(image.image[box], PERCENTILES), strict=True):
            found[f"LSST CALIB {kind.upper()} {name} DISTRIBUTION {percentile:.1f}-PCT"] = float(value)
    found[f"LSST CALIB {kind.upper()} BAD PIXELS"] = int(np.count_nonzero(image.masked(MaskPlane.BAD)))
    return found
