"""What is true of the sensors and known to nobody else: ``truth.yaml`` as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Annotated, ClassVar, TypeAlias

from pydantic import ConfigDict, Field, RootModel

from csc.latiss.detector.measured import measured
from fsm import load_document, validate

__all__ = ["SensorStory", "TrueAmplifier", "Truth", "load_truth"]

_Finite: TypeAlias = Annotated[float, Field(allow_inf_nan=False)]
_NotNegative: TypeAlias = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
_Positive: TypeAlias = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
_Part: TypeAlias = Annotated[_NotNegative, measured("1")]
_Number: TypeAlias = Annotated[Annotated[int, Field(ge=0)], measured("1")]
_Pixels: TypeAlias = Annotated[_Positive, measured("pixel")]
_Adu: TypeAlias = Annotated[_NotNegative, measured("adu")]
_Rate: TypeAlias = Annotated[_Positive, measured("electron/s")]
_Area: TypeAlias = Annotated[_Finite, measured("1/electron")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """How unequal pixels are to light; scatters are one sigma, lengths in pixels."""

    pixel_scatter: _Part
    amplifier_scatter: _Part
    gradient: _Part
    dust_grains: _Number
    dust_depth: _Part
    dust_radius: _Pixels
    dust_width: _Pixels
    dust_drift: _Pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaws:
    """How many pixels and columns are wrong, and how: rates [electron/s], `unstable_level` [electron]."""

    hot_pixels: _Number
    hot_low: _Rate
    hot_high: _Rate
    dead_pixels: _Number
    dead_response: _Part
    dead_columns: _Number
    bright_columns: _Number
    bright_rate: _Rate
    blinking_columns: _Number
    unstable_level: Annotated[_Positive, measured("electron")]
    cluster_side: _Pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class CosmicRays:
    """Tracks: `rate` [1/s] on the whole sensor, `charge` [electron] per pixel of path, `thickness` [pixel]."""

    rate: Annotated[_NotNegative, measured("1/s")]
    charge: Annotated[_Positive, measured("electron/pixel")]
    thickness: _Pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class BrighterFatter:
    """Relative change of a pixel's area by an electron in itself or in a neighbour [1/electron]."""

    own: _Area
    parallel: _Area
    serial: _Area
    diagonal: _Area

    @property
    def ring(self) -> float:
        """What each of the sixteen pixels two away does, so that no charge is won or lost."""
        return -(self.own + 2.0 * self.parallel + 2.0 * self.serial + 4.0 * self.diagonal) / 16.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Part of the charge that stays behind at each transfer."""

    serial: _Part
    parallel: _Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Crosstalk:
    """Range of what a neighbour gives, and what any other amplifier does."""

    neighbour_low: _Part
    neighbour_high: _Part
    far: _Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Nonlinearity:
    """Measured = true - `quadratic` [1/adu] x true^2; rates of light are exact at the level `reference` [adu]."""

    quadratic: Annotated[_NotNegative, measured("1/adu")]
    reference: _Adu


@dataclass(frozen=True, slots=True, kw_only=True)
class Electronics:
    """The bias and its patterns [adu], scatters one sigma; `read_noise` is of the nominal one."""

    offset_low: _Adu
    offset_high: _Adu
    pattern: _Adu
    column_pattern: _Adu
    bright_columns: _Number
    bright_column_level: _Adu
    turn_on: _Adu
    turn_on_rows: _Pixels
    read_noise: _Part
    row_noise: _Adu


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueAmplifier:
    """True `gain` [electron/adu] and `read_noise` [electron]."""

    gain: _Positive
    read_noise: _Positive


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorStory:
    """What is peculiar to one sensor."""

    source: str
    clusters: tuple[str, ...] = ()
    amplifiers: Mapping[str, TrueAmplifier] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Everything the data file states; fringes by band, stories by serial."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")  # holds for the parts, too

    response: Response
    defects: Flaws
    cosmic_rays: CosmicRays
    brighter_fatter: BrighterFatter
    transfer: Transfer
    crosstalk: Crosstalk
    nonlinearity: Nonlinearity
    electronics: Electronics
    fringes: Mapping[str, _Part]
    sensors: Mapping[str, SensorStory]


@lru_cache(maxsize=1)
def load_truth() -> Truth:
    """Read ``truth.yaml``, once.

    Raises
    ------
    AuthorError
        If the file is wrong.
    """
    with as_file(files("csc.latiss.detector") / "truth.yaml") as path:
        return validate(load_document(path, name="truth.yaml"), _File).root


class _File(RootModel[Truth]):
    """The data file as a whole."""
