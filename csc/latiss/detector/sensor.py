"""One sensor as it truly is, at full size or smaller: what its pixels are rendered with, and compared to.

Known values come from the camera's data file, true ones from ``truth.yaml``. Everything else is drawn from streams
that the serial names, so that a sensor is the same in every run, and a smaller one is the same sensor in miniature.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from csc.latiss.detector.description import Amplifier, Levels, Readout, load_detector
from csc.latiss.detector.truth import SensorStory, Truth, load_truth
from fsm import Streams

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Sensor", "latiss_sensor", "true_sensor"]

_PLAIN = SensorStory(source="nothing is peculiar")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sensor:
    """A sensor; compared by identity, so that what is computed of it can be kept.

    Attributes
    ----------
    instrument
        Name of its camera, as headers spell it.
    detector, header_name, serial
        Number in the camera; raft and sensor; of the maker.
    readout
        Pixels of an amplifier, and the amplifiers with their true gains and read noises, in the order of the files.
    full_size
        The same at scale 1.
    levels
        What pixels do to light [adu of the whole camera].
    camera_gain
        Electrons that one adu of the camera's counts stands for.
    truth, story
        What is true of all sensors, and of this one.
    """

    instrument: str
    detector: int
    header_name: str
    serial: str
    readout: Readout
    full_size: Readout
    levels: Levels
    camera_gain: float
    truth: Truth
    story: SensorStory

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the assembled image."""
        return 2 * self.readout.data_rows, 8 * self.readout.data_columns

    @property
    def raw_shape(self) -> tuple[int, int, int]:
        """Amplifiers, and rows and columns of each one's raw image."""
        return len(self.readout.amplifiers), self.readout.height, self.readout.width

    @property
    def side(self) -> float:
        """Side of this image, of that at full size: what lengths and numbers of things shrink with."""
        pixels = self.readout.data_columns * self.readout.data_rows
        return math.sqrt(pixels / (self.full_size.data_columns * self.full_size.data_rows))

    @property
    def full_well(self) -> float:
        """Charge at which a pixel is full [electron]: the one that shows as the level at which the camera saturates."""
        k, shown = self.truth.nonlinearity.quadratic, self.levels.saturation
        return 2.0 * shown / (1.0 + math.sqrt(1.0 - 4.0 * k * shown)) * self.camera_gain

    def number(self, at_full_size: int) -> int:
        """Give how many things there are at this scale; one at least, if there are any."""
        return max(1, round(at_full_size * self.side)) if at_full_size else 0

    def stream(self, *purpose: str) -> np.random.Generator:
        """Begin the stream of random numbers that the sensor itself is made with."""
        return Streams(0).stream("sensor", self.serial, *purpose)

    def box(self, amplifier: Amplifier) -> tuple[slice, slice]:
        """Give rows and columns of an amplifier in the assembled image."""
        rows, columns = self.readout.data_rows, self.readout.data_columns
        return (
            slice(amplifier.row * rows, (amplifier.row + 1) * rows),
            slice(amplifier.column * columns, (amplifier.column + 1) * columns),
        )

    def gains(self) -> NDArray[np.float64]:
        """Give the true gains [electron/adu], shape (16,)."""
        import numpy as np

        return np.array([amplifier.gain for amplifier in self.readout.amplifiers])

    def read_noises(self) -> NDArray[np.float64]:
        """Give the true read noises [electron], shape (16,)."""
        import numpy as np

        return np.array([amplifier.read_noise for amplifier in self.readout.amplifiers])

    def crosstalk(self) -> NDArray[np.float64]:
        """Give what each amplifier (second index) receives of each (first index), adu for adu, shape (16, 16)."""
        import numpy as np

        said, rng = self.truth.crosstalk, self.stream("crosstalk")
        amplifiers = self.readout.amplifiers
        drawn = rng.uniform(said.neighbour_low, said.neighbour_high, (len(amplifiers), len(amplifiers)))
        matrix = np.full_like(drawn, said.far)
        for i, source in enumerate(amplifiers):
            for j, target in enumerate(amplifiers):
                if source.row == target.row and abs(source.column - target.column) == 1:
                    matrix[i, j] = drawn[i, j]
        np.fill_diagonal(matrix, 0.0)
        return matrix

    def brighter_fatter(self) -> NDArray[np.float64]:
        """Give the change of a pixel's area by charge up to two pixels away [1/electron], shape (5, 5)."""
        import numpy as np

        said = self.truth.brighter_fatter
        area = np.full((5, 5), said.ring)
        area[1:4, 1:4] = said.diagonal
        area[(1, 3), 2], area[2, (1, 3)], area[2, 2] = said.parallel, said.serial, said.own
        return area


def true_sensor(
    *,
    instrument: str,
    detector: int,
    header_name: str,
    serial: str,
    readout: Readout,
    levels: Levels,
    camera_gain: float | None = None,
) -> Sensor:
    """Make a sensor of what everybody knows and of what is true.

    Parameters
    ----------
    readout
        At full size, with nominal gains and read noises.
    camera_gain
        Electrons that one adu of the camera's counts stands for; by default those of this sensor.
    """
    truth = load_truth()
    story = truth.sensors.get(serial, _PLAIN)
    amplifiers = tuple(
        replace(nominal, gain=true.gain, read_noise=true.read_noise)
        if (true := story.amplifiers.get(nominal.name))
        else replace(nominal, read_noise=truth.electronics.read_noise * nominal.read_noise)
        for nominal in readout.amplifiers
    )
    full_size = replace(readout, amplifiers=amplifiers)
    return Sensor(
        instrument=instrument,
        detector=detector,
        header_name=header_name,
        serial=serial,
        readout=full_size,
        full_size=full_size,
        levels=levels,
        camera_gain=camera_gain or len(amplifiers) / sum(1.0 / amplifier.gain for amplifier in amplifiers),
        truth=truth,
        story=story,
    )


@lru_cache(maxsize=8)
def latiss_sensor(scale: float = 1.0) -> Sensor:
    """Give LATISS' sensor, at a scale above 0 and up to 1, the full size; the same object each time.

    Examples
    --------
    >>> latiss_sensor().raw_shape, latiss_sensor(0.05).raw_shape
    ((16, 2048, 576), (16, 148, 92))
    """
    detector = load_detector()
    sensor = true_sensor(
        instrument="LATISS",
        detector=detector.ccd.detector,
        header_name=detector.ccd.header_name,
        serial=detector.ccd.serial,
        readout=detector.readout,
        levels=detector.levels,
    )
    return replace(sensor, readout=sensor.full_size.scaled(scale))
