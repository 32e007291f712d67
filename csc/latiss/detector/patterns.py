"""What is fixed in a sensor: response, flaws and bias of each pixel, as arrays made from its serial.

A flaw lies in the assembled image, whose row 0 is its bottom; the bias belongs to the raw images, in readout order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from csc.latiss.detector.description import Amplifier
from csc.latiss.detector.sensor import Sensor

__all__ = ["Flaws", "Grain", "Patterns", "columns_gone_bad", "fringe_pattern", "patterns"]

Image = NDArray[np.float32]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grain:
    """A grain of dust: middle and radius of its shadow's ring [pixel], and the light that the ring takes."""

    x: float
    y: float
    radius: float
    depth: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flaws:
    """Pixels that are not as the others, each list as flat indices into the assembled image.

    Attributes
    ----------
    leaking, leak
        Pixels that collect charge in the dark, and how much [electron/s].
    unstable, level_of
        Pixels that leak anew in each image, and which of the image's levels each takes: those of a column are one.
    dead
        Pixels that collect little light.
    """

    leaking: Indices
    leak: Image
    unstable: Indices
    level_of: Indices
    dead: Indices

    def mask(self, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """Give which pixels of an assembled image are flawed."""
        flawed = np.zeros(shape, bool)
        for indices in (self.leaking, self.unstable, self.dead):
            flawed.flat[indices] = True
        return flawed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patterns:
    """What is fixed in a sensor.

    Attributes
    ----------
    response
        Electrons of each pixel of the assembled image for an even light that the camera counts as one electron.
    bias
        Level of each raw pixel in the dark [adu], shape as `Sensor.raw_shape`.
    dust
        Grains where they lay on the first day.
    """

    response: Image
    bias: Image
    flaws: Flaws
    dust: tuple[Grain, ...]


@lru_cache(maxsize=2)
def patterns(sensor: Sensor) -> Patterns:
    """Make what is fixed in a sensor, or give what was made; 140 MB at full size, of which two are kept."""
    flaws = _flaws(sensor)
    response = _response(sensor)
    response.flat[flaws.dead] *= np.float32(sensor.truth.defects.dead_response)
    return Patterns(response=response, bias=_bias(sensor), flaws=flaws, dust=_dust(sensor))


def columns_gone_bad(sensor: Sensor, number: int) -> list[Indices]:
    """Give the pixels of columns that went bad of late, the first ones of an endless list."""
    rng = sensor.stream("columns gone bad")
    return [_column(sensor, rng) for _ in range(number)]


@lru_cache(maxsize=2)
def fringe_pattern(sensor: Sensor) -> Image:
    """Give the pattern of the fringes, -1 to 1 with mean 0: contours of a silicon whose thickness changes smoothly."""
    rng = sensor.stream("fringes")
    rows, columns = sensor.shape
    y, x = np.linspace(0.0, 1.0, rows)[:, None], np.linspace(0.0, 1.0, columns)[None, :]
    thickness = np.zeros(sensor.shape, np.float32)
    for _ in range(5):
        fx, fy, phase = rng.uniform(-2.0, 2.0), rng.uniform(-2.0, 2.0), rng.uniform(0.0, 2.0 * np.pi)
        thickness += np.sin(2.0 * np.pi * fx * x + 2.0 * np.pi * fy * y + phase).astype(np.float32)
    fringes = np.cos(np.float32(2.0 * np.pi) * thickness)
    fringes -= fringes.mean(dtype=np.float64)
    pattern: Image = fringes / np.abs(fringes).max()
    return pattern


def _response(sensor: Sensor) -> Image:
    said, rng = sensor.truth.response, sensor.stream("response")
    rows, columns = sensor.shape
    y, x = (0.5 * said.gradient * np.linspace(-1.0, 1.0, number) ** 2 for number in (rows, columns))
    response = rng.standard_normal(sensor.shape, dtype=np.float32)
    response *= np.float32(said.pixel_scatter)
    response += 1.0
    response *= (1.0 - x).astype(np.float32) - y.astype(np.float32)[:, None]
    steps = sensor.stream("response of amplifiers").normal(1.0, said.amplifier_scatter, sensor.raw_shape[0])
    means = []
    for step, amplifier in zip(steps, sensor.readout.amplifiers, strict=True):
        part = response[sensor.box(amplifier)]
        part *= np.float32(step)
        means.append(float(part.mean(dtype=np.float64)))
    # What the camera counts is the mean over the amplifiers, as far as their answer is linear.
    mixed = np.array(means) / sensor.gains() @ (np.eye(len(means)) + sensor.crosstalk())
    curve = 1.0 - sensor.truth.nonlinearity.quadratic * sensor.truth.nonlinearity.reference
    response *= np.float32((1.0 / sensor.gains()).mean() / (mixed.mean() * curve))
    return response


def _bias(sensor: Sensor) -> Image:
    said, rng, readout = sensor.truth.electronics, sensor.stream("bias"), sensor.readout
    amplifiers, rows, _ = sensor.raw_shape
    data = slice(readout.serial_prescan, readout.serial_prescan + readout.data_columns)
    bias = np.zeros(sensor.raw_shape, np.float32)
    by_column = rng.normal(0.0, said.column_pattern, (amplifiers, readout.data_columns))
    number = sensor.number(said.bright_columns)
    chosen = rng.integers(amplifiers, size=number), rng.integers(readout.data_columns, size=number)
    by_column[chosen] += said.bright_column_level
    for seen, column in zip(bias, by_column.astype(np.float32), strict=True):
        seen[:, data] = rng.standard_normal(seen[:, data].shape, dtype=np.float32)
        seen[:, data] *= np.float32(said.pattern)
        seen[:, data] += column
    turn_on = said.turn_on * np.exp(-np.arange(rows) / max(1.0, said.turn_on_rows * sensor.side))
    offsets = rng.uniform(said.offset_low, said.offset_high, amplifiers)
    bias += (offsets[:, None] + turn_on).astype(np.float32)[:, :, None]
    return bias


def _dust(sensor: Sensor) -> tuple[Grain, ...]:
    said, rng = sensor.truth.response, sensor.stream("dust")
    rows, columns = sensor.shape
    return tuple(
        Grain(
            x=rng.uniform(0.0, columns),
            y=rng.uniform(0.0, rows),
            radius=said.dust_radius * sensor.side * rng.uniform(0.5, 1.5),
            depth=said.dust_depth * rng.uniform(0.5, 1.5),
        )
        for _ in range(sensor.number(said.dust_grains))
    )


def _flaws(sensor: Sensor) -> Flaws:
    said, pixels = sensor.truth.defects, sensor.shape[0] * sensor.shape[1]
    rng = sensor.stream("hot pixels")
    number = sensor.number(said.hot_pixels)
    hot = rng.integers(pixels, size=number)
    hot_rates = said.hot_low * (said.hot_high / said.hot_low) ** rng.random(number)
    dead = sensor.stream("dead pixels").integers(pixels, size=sensor.number(said.dead_pixels))
    rng = sensor.stream("bad columns")
    dead_columns = [_column(sensor, rng) for _ in range(sensor.number(said.dead_columns))]
    bright = [_column(sensor, rng) for _ in range(sensor.number(said.bright_columns))]
    blinking = [_column(sensor, rng) for _ in range(sensor.number(said.blinking_columns))]
    clusters = [
        _cluster(sensor, amplifier)
        for amplifier in sensor.readout.amplifiers
        if amplifier.name in sensor.story.clusters
    ]
    unstable = [*blinking, *(pixel[None] for cluster in clusters for pixel in cluster)]
    leaking = np.concatenate([hot, *bright])
    leak = np.full(leaking.size, said.bright_rate, np.float32)
    leak[: hot.size] = hot_rates
    return Flaws(
        leaking=leaking,
        leak=leak,
        unstable=np.concatenate([*unstable, np.empty(0, np.int64)]),
        level_of=np.repeat(np.arange(len(unstable)), [group.size for group in unstable]),
        dead=np.concatenate([dead, *dead_columns]),
    )


def _column(sensor: Sensor, rng: np.random.Generator) -> Indices:
    """Draw a column that is bad from somewhere in its half on, away from the read-out: charge must pass there."""
    rows, columns = sensor.readout.data_rows, sensor.shape[1]
    x, top, begin = int(rng.integers(columns)), bool(rng.integers(2)), int(rng.integers(rows // 2))
    y = np.arange(rows, 2 * rows - begin) if top else np.arange(begin, rows)
    return y * columns + x


def _cluster(sensor: Sensor, amplifier: Amplifier) -> Indices:
    """Draw a square of pixels in an amplifier."""
    rng, side = sensor.stream("cluster", amplifier.name), max(3, round(sensor.truth.defects.cluster_side * sensor.side))
    rows, columns = sensor.box(amplifier)
    y = int(rng.integers(rows.start, rows.stop - side)) + np.arange(side)
    x = int(rng.integers(columns.start, columns.stop - side)) + np.arange(side)
    return (y[:, None] * sensor.shape[1] + x[None, :]).ravel()
