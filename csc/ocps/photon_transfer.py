"""The photon transfer curve of a run: from its pairs of flats to the gain, noise and turn-off of each amplifier.

What a job of OCPS does with a repository, done for somebody who wants to look: two flats are in memory at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from csc.ocps.developing import RawImage, correct_with
from pipelines.camera import load_camera
from pipelines.ptc import (
    AmplifierCurve,
    CurvePicture,
    ExtractSettings,
    Pair,
    SolveSettings,
    curve_picture,
    extract,
    pair_by_value,
    solve,
)

__all__ = ["AmplifierCurve", "CurvePicture", "TransferCurve", "measure_curve"]

_FIT = "EXPAPPROXIMATION"
_LAGS = 2  # that fit needs the variance only
_FEWEST_PIXELS = 500  # chosen here: small images are looked at, too


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TransferCurve:
    """What was measured.

    Attributes
    ----------
    pairs, single
        Pairs of flats that were measured; exposures that have no partner of their exposure time.
    curves, pictures
        Of each amplifier, by its name in alphabetical order: numbers, and what a plot shows of it.
    nominal
        Gain of each amplifier as the camera's data say [electron/adu].
    """

    fit_type: str
    pairs: tuple[Pair, ...]
    single: tuple[int, ...]
    curves: Mapping[str, AmplifierCurve]
    pictures: Mapping[str, CurvePicture]
    nominal: Mapping[str, float]


def measure_curve(
    times: Mapping[int, float],
    read: Callable[[int], RawImage],
    instrument: str,
    detector: int,
    *,
    notice: Callable[[int], None] | None = None,
) -> TransferCurve:
    """Measure all pairs of flats, and fit every amplifier.

    Parameters
    ----------
    times
        Exposure time of each flat [s], by its id.
    read
        Gives the raw image of an id.
    notice
        Told after each pair how many are done.

    Raises
    ------
    ValueError
        If no two flats have the same exposure time.
    """
    sensor = load_camera(instrument).detectors[detector]
    pairing = pair_by_value(times)
    settings = ExtractSettings(lags=_LAGS, minimum_pixels=_FEWEST_PIXELS)
    found = []
    for number, pair in enumerate(pairing.pairs, 1):
        first, second = (correct_with(read(each), sensor, {}) for each in (pair.first, pair.second))
        found.append(extract(first, second, pair, sensor, settings))
        if notice is not None:
            notice(number)
    curve = solve(found, SolveSettings(fit_type=_FIT, lags=_LAGS))
    names = sorted(curve.amplifiers)
    return TransferCurve(
        fit_type=_FIT,
        pairs=pairing.pairs,
        single=pairing.single,
        curves={name: curve.amplifiers[name] for name in names},
        pictures={name: curve_picture(curve, name) for name in names},
        nominal={name: sensor.amplifiers[name].gain for name in names},
    )
