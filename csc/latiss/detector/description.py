"""What LATISS' detector is, and how much of the white light reaches it: ``cameras/latiss.yaml`` as frozen values.

Decides how names of filters and gratings are read, and what two elements in the light pass together.
All numbers, with their sources, stand in the data file; what happens to light over time is in `csc.latiss.light`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import ConfigDict, Field, RootModel, model_validator

from csc.latiss.detector.measured import measured
from fsm.document import load_document, nearest, validate

__all__ = ["Amplifier", "Ccd", "Combination", "Detector", "Element", "Levels", "Readout", "Screen"]
__all__ += ["Ratio", "element_name", "load_detector"]


_Positive: TypeAlias = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
_Rate: TypeAlias = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
_Pixels: TypeAlias = Annotated[int, Field(gt=0)]
_Adu: TypeAlias = Annotated[_Positive, measured("adu")]
_Deg: TypeAlias = Annotated[_Positive, measured("deg")]
Ratio: TypeAlias = Annotated[_Positive, measured("1")]

_SMALLEST = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Ccd:
    """The sensor: names, trimmed size [pixels], `pixel_size` [mm], `plate_scale` [arcsec/mm]."""

    detector: Annotated[int, Field(ge=0)]
    name: str
    header_name: str
    serial: str
    width: _Pixels
    height: _Pixels
    pixel_size: Annotated[_Positive, measured("mm")]
    plate_scale: Annotated[_Positive, measured("arcsec/mm")]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Amplifier:
    """One amplifier: its place in the image, nominal `gain` [electron/adu] and `read_noise` [electron].

    Row 1 is the top half of the image. The flips turn readout order into the image's order.
    """

    name: Annotated[str, Field(pattern="^C[01][0-7]$")]
    row: Literal[0, 1]
    column: Annotated[int, Field(ge=0, le=7)]
    flip_x: bool
    flip_y: bool
    gain: _Positive
    read_noise: _Positive


@dataclass(frozen=True, slots=True, kw_only=True)
class Readout:
    """The raw image of one amplifier [pixels], and the amplifiers in the order of the file's image extensions."""

    serial_prescan: _Pixels
    data_columns: _Pixels
    serial_overscan: _Pixels
    data_rows: _Pixels
    parallel_overscan: _Pixels
    amplifiers: tuple[Amplifier, ...]
    source: str

    def scaled(self, scale: float) -> "Readout":
        """Give the read-out of a smaller image: fewer columns and rows of data, the same prescan and overscans.

        Raises
        ------
        ValueError
            If the scale is not above 0 and at most 1, or leaves no 16 x 16 pixels.
        """
        if not 0.0 < scale <= 1.0:
            raise ValueError(f"{scale=} must be above 0 and at most 1, the full size")
        columns, rows = round(scale * self.data_columns), round(scale * self.data_rows)
        if min(columns, rows) < _SMALLEST:
            raise ValueError(f"{scale=} leaves {columns} x {rows} pixels; an amplifier needs {_SMALLEST} x {_SMALLEST}")
        return replace(self, data_columns=columns, data_rows=rows)

    @property
    def width(self) -> int:
        """Columns of the raw image."""
        return self.serial_prescan + self.data_columns + self.serial_overscan

    @property
    def height(self) -> int:
        """Rows of the raw image."""
        return self.data_rows + self.parallel_overscan


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """What the pixels do to light.

    The response ends at `saturation` [adu above bias] and bends over the part `roll_off` of it before.
    `dark_current` [electron/s] is the mean; `bias_residual` [adu] is the scatter, one sigma, of the mean level
    that overscan correction leaves.
    """

    saturation: _Adu
    roll_off: Annotated[Ratio, Field(lt=1.0)]
    dark_current: Annotated[_Positive, measured("electron/s")]
    bias_residual: _Adu


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """The white light in front of the camera: angles [deg], `lamp_power` [W], `stray_rate` [adu/s].

    `lamp_scatter` is relative, from shot to shot, one sigma. A telescope within `pointing_flat` of the mount's
    position loses no light, one beyond `pointing_edge` all of it.
    """

    lamp_power: Annotated[_Positive, measured("W")]
    lamp_scatter: Ratio
    dome_azimuth: _Deg
    alignment_width: _Deg
    mount_azimuth: _Deg
    mount_elevation: _Deg
    pointing_flat: _Deg
    pointing_edge: _Deg
    stray_rate: Annotated[_Positive, measured("adu/s")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A filter or a disperser: its band, and the rate [adu/s] with nothing else in the light."""

    band: str
    rate: _Rate
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """Two elements whose rate [adu/s] is not the product of what each passes."""

    filter: str
    grating: str
    rate: _Rate
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """Everything the data file states; filters and gratings by name, without the number of an empty slot."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")  # holds for the parts, too

    ccd: Ccd
    readout: Readout
    levels: Levels
    screen: Screen
    filters: dict[str, Element]
    gratings: dict[str, Element]
    combinations: tuple[Combination, ...]

    @property
    def mean_gain(self) -> float:
        """Mean of the nominal gains [electron/adu]."""
        return sum(amplifier.gain for amplifier in self.readout.amplifiers) / len(self.readout.amplifiers)

    @property
    def open_rate(self) -> float:
        """Rate with both wheels empty [adu/s]."""
        return self.filters["empty"].rate

    def rate(self, filter: str, grating: str) -> float:
        """Give the level per second that the nominal lamp, warmed up and aligned, gives through two elements [adu/s].

        Raises
        ------
        ValueError
            If there is no such filter or grating.
        """
        names = element_name(filter), element_name(grating)
        product = _find(self.filters, names[0], "filter").rate * _find(self.gratings, names[1], "grating").rate
        special = (pair.rate for pair in self.combinations if (pair.filter, pair.grating) == names)
        return next(special, product / self.open_rate)

    def transmission(self, filter: str, grating: str) -> float:
        """Give the part of the light that two elements pass, of that with both wheels empty.

        Raises
        ------
        ValueError
            If there is no such filter or grating.
        """
        return self.rate(filter, grating) / self.open_rate


def element_name(name: str) -> str:
    """Give an element the name it has in whichever slot: every empty one is `empty`.

    References
    ----------
    lsst/obs_lsst: python/lsst/obs/lsst/translators/latiss.py

    Examples
    --------
    >>> element_name("empty_1"), element_name("SDSSr_65mm"), element_name("")
    ('empty', 'SDSSr_65mm', 'empty')
    """
    return "empty" if re.fullmatch(r"(empty(_\d+)?)?", name) else name


@lru_cache(maxsize=1)
def load_detector() -> Detector:
    """Read ``sim_configs/cameras/latiss.yaml``, once.

    Raises
    ------
    AuthorError
        If the file is wrong.
    """
    with as_file(files("sim_configs") / "cameras" / "latiss.yaml") as path:
        return validate(load_document(path, name="latiss.yaml"), _File).root


def _find(elements: Mapping[str, Element], name: str, kind: str) -> Element:
    if name not in elements:
        near = nearest(name, elements)
        raise ValueError(f"there is no {kind} {name}" + (f"; did you mean {near}?" if near else ""))
    return elements[name]


class _File(RootModel[Detector]):
    """The data file as a whole: what its parts must agree on."""

    @model_validator(mode="after")
    def _agree(self) -> "_File":
        detector = self.root
        for wheel, elements in (("filters", detector.filters), ("gratings", detector.gratings)):
            if "empty" not in elements or elements["empty"].rate != detector.open_rate or not detector.open_rate > 0.0:
                raise ValueError(f"{wheel} needs an element empty that passes all light")
        for pair in detector.combinations:
            if pair.filter not in detector.filters or pair.grating not in detector.gratings:
                raise ValueError(f"combination {pair.filter} with {pair.grating} names an element that is not listed")
        if len({(amplifier.row, amplifier.column) for amplifier in detector.readout.amplifiers}) != 16:
            raise ValueError("readout needs 16 amplifiers, each at its own place")
        if (8 * detector.readout.data_columns, 2 * detector.readout.data_rows) != (
            detector.ccd.width,
            detector.ccd.height,
        ):
            raise ValueError("8 x 2 amplifiers do not tile the image")
        return self
