"""What a calibration must do, as tables: for each kind, the tests of an amplifier, a detector and a run of exposures.

A test that passes says nothing of those it does not name: none looks at the absolute level of a flat.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from pipelines.verify.statistics import AmplifierReference

__all__ = [
    "AMPLIFIER_TESTS",
    "DETECTOR_TESTS",
    "KINDS",
    "AmplifierTest",
    "DetectorTest",
    "Tolerances",
]

KINDS = ("bias", "dark", "flat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerances:
    """How far from what is expected is still good; all are fractions.

    Attributes
    ----------
    noise
        Of the read noise.
    two_sided
        Whether less noise than nominal is as wrong as more: so it was until March 2023.
    cosmic_rays
        Between the noise with clipping, and the noise after the repair of cosmic rays.
    scatter
        Of the amplifiers' means in a flat, around their mean.
    level
        Of an exposure's flat per second, around the middle one of its run: chosen here, beyond the observatory's
        tests. A lamp drifts less than 1 % between flats.
    """

    noise: float = 0.05
    two_sided: bool = True
    cosmic_rays: float = 0.05
    scatter: float = 0.05
    level: float = 0.05


_Statistics = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class AmplifierTest:
    """A test of an amplifier.

    Attributes
    ----------
    decides
        Whether the amplifier fails with it; otherwise it is only listed when another one fails.
    """

    name: str
    passes: Callable[[_Statistics, AmplifierReference, Tolerances], bool]
    decides: bool = True


@dataclass(frozen=True, slots=True)
class DetectorTest:
    """A test of a detector by its statistics."""

    name: str
    passes: Callable[[_Statistics, Tolerances], bool]


def _mean(found: _Statistics, _: AmplifierReference, __: Tolerances) -> bool:
    return bool(abs(found["MEAN"]) < found["NOISE"])


def _noise(found: _Statistics, reference: AmplifierReference, tolerances: Tolerances) -> bool:
    excess = (found["NOISE"] - reference.read_noise) / reference.read_noise
    return bool((abs(excess) if tolerances.two_sided else excess) <= tolerances.noise)


def _cosmic_ray_noise(found: _Statistics, _: AmplifierReference, tolerances: Tolerances) -> bool:
    return bool(abs(found["NOISE"] - found["CR_NOISE"]) <= tolerances.cosmic_rays * found["CR_NOISE"])


def _read_noise_consistent(_: _Statistics, reference: AmplifierReference, tolerances: Tolerances) -> bool:
    if not np.isfinite(reference.overscan_noise):
        return True
    return bool((reference.overscan_noise - reference.read_noise) / reference.read_noise <= tolerances.noise)


def _flat_noise(found: _Statistics, _: AmplifierReference, __: Tolerances) -> bool:
    return bool(found["NOISE"] <= np.sqrt(max(found["MEAN"], 0.0)))


def _scatter(found: _Statistics, tolerances: Tolerances) -> bool:
    return bool(found["SCATTER"] <= tolerances.scatter * found["MEAN"])


_DARK_TESTS = (
    AmplifierTest("MEAN", _mean),
    AmplifierTest("NOISE", _noise),
    AmplifierTest("CR_NOISE", _cosmic_ray_noise),
    AmplifierTest("READ_NOISE_CONSISTENT", _read_noise_consistent, decides=False),
)

AMPLIFIER_TESTS: Mapping[str, tuple[AmplifierTest, ...]] = {
    "bias": _DARK_TESTS,
    "dark": _DARK_TESTS,
    "flat": (AmplifierTest("NOISE", _flat_noise),),
}
"""DMTN-101 §4.2 to §4.4 (bias), §5.2 to §5.4 (dark), §10.X (flat); lsst/cp_verify: verifyBias.py, verifyDark.py,
verifyFlat.py in python/lsst/cp/verify. PROCESSING stands beside them: false if the frame could not be measured."""

DETECTOR_TESTS: Mapping[str, tuple[DetectorTest, ...]] = {
    "bias": (),
    "dark": (),
    "flat": (DetectorTest("SCATTER", _scatter),),
}
"""DMTN-101 §10.Y."""
