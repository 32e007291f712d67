"""Flats of a sensor whose every property is known: gain, read noise, saturation, and how charge repels charge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import oaconvolve

from pipelines.camera import Detector, amplifier_box, load_camera
from pipelines.image import CcdImage
from pipelines.ptc import ExtractSettings, FlatPair, Pair, extract

LATISS = load_camera("LATISS").detectors[0]

A00, PARALLEL, SERIAL, DIAGONAL = -1.8e-6, 4e-7, 2e-7, 6e-8
AREA_CHANGE = np.array(
    [
        [0.0, 3e-8, 3e-8, 3e-8, 0.0],
        [3e-8, DIAGONAL, PARALLEL, DIAGONAL, 3e-8],
        [3e-8, SERIAL, A00, SERIAL, 3e-8],
        [3e-8, DIAGONAL, PARALLEL, DIAGONAL, 3e-8],
        [0.0, 3e-8, 3e-8, 3e-8, 0.0],
    ]
)
"""Relative change of a pixel's area per electron, by row, then column [1/electron]; the sum is 0."""


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """What is planted: gain [electron/adu], noise [electron], full well [electron], U = S - quadratic S² [adu]."""

    gain: float | Mapping[str, float] = 1.08
    noise: float = 8.5
    full_well: float = 133_000.0
    area_change: NDArray[np.float64] = field(default_factory=lambda: AREA_CHANGE)
    quadratic: float = 0.0
    detector: Detector = LATISS

    def gain_of(self, name: str) -> float:
        return self.gain if isinstance(self.gain, float) else self.gain[name]

    def pixels(self, rng: np.random.Generator, mean: float, shape: tuple[int, int], gain: float) -> NDArray[np.float64]:
        """Return an amplifier [adu] that got light for `mean` electrons."""
        charge = rng.poisson(mean, shape).astype(np.float64)
        if self.area_change.any():
            # The sum of the kernel is 0, so a constant changes nothing but the borders.
            moved = oaconvolve(charge - mean, self.area_change, mode="same")
            charge = charge * (1.0 + 0.5 * moved)
        charge = np.minimum(charge, self.full_well) + rng.normal(0.0, self.noise, shape)
        signal = charge / gain
        return signal - self.quadratic * signal**2

    def flat(self, rng: np.random.Generator, mean: float, shape: tuple[int, int]) -> CcdImage:
        """Return a whole flat [adu]; `shape` is that of the assembled image."""
        image = CcdImage.blank(shape)
        for name, amplifier in self.detector.amplifiers.items():
            box = amplifier_box(amplifier, shape)
            gain = self.gain_of(name)
            size = (shape[0] // 2, shape[1] // 8)
            image.image[box] = self.pixels(rng, mean, size, gain)
            image.header[f"LSST ISR OVERSCAN NOISE {name}"] = self.noise / gain
        return image

    def pairs(
        self,
        rate: float,
        times: Sequence[float],
        shape: tuple[int, int],
        settings: ExtractSettings | None = None,
        *,
        seed: int = 1,
        flicker: float = 0.0,
    ) -> list[FlatPair]:
        """Return pairs of flats at the exposure times [s] in light of `rate` [electron/s]."""
        rng = np.random.default_rng(seed)
        found = []
        for number, time in enumerate(times):
            shots = [rate * time * (1.0 + flicker * rng.normal()) for _ in range(2)]
            first, second = (self.flat(rng, mean, shape) for mean in shots)
            pair = Pair(first=2 * number, second=2 * number + 1, value=time)
            found.append(extract(first, second, pair, self.detector, settings))
        return found


def one_amplifier(name: str = "C00") -> Detector:
    """Return a detector with a single amplifier, in its place of sixteen."""
    return replace(LATISS, amplifiers={name: LATISS.amplifiers[name]})


SATURATED = 123_000.0
TIMES = tuple(np.concatenate([[0.02, 0.05, 0.1], 0.2 * 1.243 ** np.arange(24)]).tolist())
"""The weekly ramp, with three fainter pairs that show the read noise of few pixels [s]; the last saturates."""
RATE = 5000.0
TRUE_GAINS = {name: each.gain for name, each in LATISS.amplifiers.items()}


@cache
def large_pairs() -> tuple[FlatPair, ...]:
    """Return pairs of one amplifier of 240 000 pixels: errors are about twice those of a real amplifier."""
    sensor = Sensor(detector=one_amplifier())
    return tuple(sensor.pairs(RATE, TIMES, (800, 4800), seed=5, flicker=0.002))


@cache
def small_pairs() -> tuple[FlatPair, ...]:
    """Return pairs of sixteen amplifiers of 11 000 pixels each, each with its own gain."""
    sensor = Sensor(gain=TRUE_GAINS)
    return tuple(sensor.pairs(RATE, TIMES, (220, 800), ExtractSettings(lags=4), seed=6, flicker=0.002))
