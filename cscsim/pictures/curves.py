"""The photon transfer curve of the flats of a source, beside what is true of the sensor that made them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cscsim.pictures.choosing import select
from cscsim.pictures.shots import Shot
from cscsim.pictures.sources import ImageSource, sensor_of
from fsm import AuthorError

if TYPE_CHECKING:
    from csc.ocps.photon_transfer import TransferCurve

__all__ = ["Truth", "as_json", "curve_lines", "flats_for_curve", "measure", "truth_of"]

_WHAT_TO_TAKE = "the weekly calibrations take pairs of flats for the reason weekly_PTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What an amplifier was made with: gain [electron/adu], read noise [electron], level at which it is full [adu]."""

    gain: float
    noise: float
    full: float


def flats_for_curve(shots: Sequence[Shot], reason: str | None) -> list[Shot]:
    """Return the flats to measure: those of a reason, all through one filter.

    Parameters
    ----------
    reason
        By default any that ends in PTC.

    Raises
    ------
    AuthorError
        If there are none, or they were taken through different filters.
    """
    flats = [shot for shot in shots if shot.image_type == "FLAT"]
    if reason is None:
        found = [shot for shot in flats if shot.reason.upper().endswith("PTC")]
    else:
        found = select(flats, reason=reason)
    if not found:
        raise AuthorError(f"there are no flats for a photon transfer curve; {_WHAT_TO_TAKE}")
    lights = sorted({"~".join((shot.filter, shot.grating)) for shot in found})
    if len(lights) > 1:
        raise AuthorError(f"flats through {' and '.join(lights)} make no curve; name the --reason of some")
    return found


def measure(
    source: ImageSource,
    flats: Sequence[Shot],
    detector: int,
    scale: float,
    notice: Callable[[int], None] | None = None,
) -> TransferCurve:
    """Measure the curve of a sensor.

    Raises
    ------
    AuthorError
        If no two flats have the same exposure time.
    """
    from csc.ocps.photon_transfer import measure_curve

    by_id = {shot.id: shot for shot in flats}
    try:
        return measure_curve(
            {shot.id: shot.exposure_time for shot in flats},
            lambda one: source.raw(by_id[one], detector, scale),
            flats[0].instrument,
            detector,
            notice=notice,
        )
    except ValueError as error:
        raise AuthorError(f"{error}; {_WHAT_TO_TAKE}") from error


def truth_of(instrument: str, detector: int) -> dict[str, Truth]:
    """Return what the amplifiers of a simulated sensor were made with."""
    sensor = sensor_of(instrument, detector, 1.0)
    return {
        one.name: Truth(gain=one.gain, noise=one.read_noise, full=sensor.full_well / one.gain)
        for one in sensor.readout.amplifiers
    }


def curve_lines(curve: TransferCurve, truth: Mapping[str, Truth] | None) -> list[str]:
    """Return the lines of a table, its titles first, in signs of one width; the truth stands beside what it is of."""
    from cscsim.pictures.words import lines_of

    names, found = list(curve.curves), list(curve.curves.values())
    columns = [
        ["amp", *names],
        ["gain", *(f"{one.gain:.4f}" for one in found)],
        ["+-", *(f"{one.gain_err:.4f}" for one in found)],
        ["nominal", *(f"{gain:.4f}" for gain in curve.nominal.values())],
        ["noise", *(f"{one.noise:.2f}" for one in found)],
        ["overscan", *(f"{one.overscan_noise:.2f}" for one in found)],
        ["a00 1e-6", *(f"{1e6 * one.a00:.2f}" for one in found)],
        ["turn-off", *(f"{one.ptc_turnoff:.0f}" for one in found)],
        ["pairs", *(f"{one.exp_id_mask.sum()}" for one in found)],
    ]
    if truth is not None:
        true = [truth[name] for name in names]
        off = (100.0 * (one.gain / its.gain - 1.0) for one, its in zip(found, true, strict=True))
        columns[3:4] = [["true", *(f"{one.gain:.4f}" for one in true)], ["off %", *(f"{each:+.2f}" for each in off)]]
        columns[7:8] = [["true", *(f"{one.noise:.2f}" for one in true)]]
        columns[9:9] = [["full", *(f"{one.full:.0f}" for one in true)]]
    return lines_of(columns)


def as_json(curve: TransferCurve, flats: Sequence[Shot], truth: Mapping[str, Truth] | None) -> dict[str, Any]:
    """Return plain data."""
    amplifiers = {}
    for name, one in curve.curves.items():
        amplifiers[name] = {
            "gain": _number(one.gain),
            "gain_err": _number(one.gain_err),
            "nominal_gain": curve.nominal[name],
            "noise_electron": _number(one.noise),
            "overscan_noise_electron": _number(one.overscan_noise),
            "a00": _number(one.a00),
            "turnoff_adu": _number(one.ptc_turnoff),
            "pairs_used": int(one.exp_id_mask.sum()),
        }
        if truth is not None:
            true = truth[name]
            amplifiers[name] |= {"true_gain": true.gain, "true_noise_electron": true.noise, "full_adu": true.full}
    return {
        "images": [shot.name for shot in flats],
        "pairs": [{"first": pair.first, "second": pair.second, "time": pair.value} for pair in curve.pairs],
        "single": list(curve.single),
        "fit": curve.fit_type,
        "amplifiers": amplifiers,
    }


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
