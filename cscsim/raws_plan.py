"""Plans of raw images: ``sim_configs/raws/*.yaml``, or one's own. What LATISS would have taken, by day and number.

Decides what a plan may say, and which exposures it means. Writing them is left to `raws_writing`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.resources import as_file, files
from math import exp, log
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from csc.latiss.detector import Condition, Sky, load_detector
from csc.latiss.detector.recipes import make_exposure
from csc.latiss.detector.sky import star_field
from csc.latiss.images import Exposure
from cscsim.locate import is_path, known
from fsm import AuthorError, Document, Streams, load_document, nearest, parse_quantity, validate

__all__ = ["RawPlan", "RawShot", "read_plan"]

_TAI_MINUS_UTC = 37.0
_NOON = 12
_APART = 30.0
_READOUT = 5.0
_DAY = 86_400.0
_NUMBERS = 100_000


def _in_unit(unit: str) -> BeforeValidator:
    one, canonical = parse_quantity(f"1 {unit}")

    def read(text: object) -> object:
        value, given = parse_quantity(str(text))
        if given != canonical:
            raise ValueError(f"is {text}; expected a number with its unit, such as 30 {unit}")
        return value / one

    return BeforeValidator(read)


def _element(wheel: str) -> AfterValidator:
    def check(name: str) -> str:
        names = getattr(load_detector(), wheel)
        if name not in names:
            near = nearest(name, names)
            raise ValueError(
                f"there is no {wheel.removesuffix('s')} {name}; "
                + (f"did you mean {near}?" if near else f"there are {', '.join(names)}")
            )
        return name

    return AfterValidator(check)


def _day(number: int) -> int:
    try:
        datetime.strptime(str(number), "%Y%m%d").astimezone(UTC)
    except ValueError:
        raise ValueError(f"{number} is no day; expected the form YYYYMMDD") from None
    return number


_Seconds = Annotated[float, _in_unit("s"), Field(ge=0.0)]
_Rate = Annotated[float, _in_unit("adu/s"), Field(ge=0.0)]
_ElectronRate = Annotated[float, _in_unit("electron/s"), Field(gt=0.0)]
_Arcsec = Annotated[float, _in_unit("arcsec"), Field(gt=0.0)]


class _Sheet(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ramp(_Sheet):
    """Exposure times from one to another [s], each the same factor longer than the one before."""

    shortest: _Seconds = Field(gt=0.0)
    longest: _Seconds
    steps: int = Field(ge=2, le=1000)

    def times(self) -> Iterator[float]:
        """Yield the times, to the hundredth of a second, as an exposure is commanded."""
        factor = log(self.longest / self.shortest) / (self.steps - 1)
        for step in range(self.steps):
            yield round(self.shortest * exp(factor * step), 2)


class SkySheet(_Sheet):
    """What the sky shows: the level of its background, stars at places of their own in each exposure, fringes."""

    background: _Rate
    stars: int = Field(default=0, ge=0, le=10_000)
    faintest: _ElectronRate = 100.0
    brightest: _ElectronRate = 20_000.0
    seeing: _Arcsec = 1.0
    fringes: float = Field(default=1.0, ge=0.0, le=30.0)


class ConditionSheet(_Sheet):
    """What is not as usual with the detector or its light; see `csc.latiss.detector.Condition`."""

    dark_current: float = Field(default=1.0, ge=0.0)
    read_noise: float = Field(default=1.0, ge=0.0)
    tilt: float = Field(default=0.0, gt=-2.0, lt=2.0)
    bad_columns: int = Field(default=0, ge=0)


class Group(_Sheet):
    """Exposures of one kind that follow each other.

    Either `exposure_times`, all of them `number` times over, or a `ramp`; each time is taken `repeat` times in a row.
    """

    group: str
    image_type: Literal["BIAS", "DARK", "FLAT", "OBJECT"]
    day_obs: Annotated[int, AfterValidator(_day)]
    first: int = Field(ge=1)
    number: int = Field(default=1, ge=1, le=10_000)
    repeat: int = Field(default=1, ge=1, le=100)
    exposure_times: tuple[_Seconds, ...] = Field(default=(), max_length=1000)
    ramp: Ramp | None = None
    filter: Annotated[str, _element("filters")] = "empty"
    grating: Annotated[str, _element("gratings")] = "empty"
    brightness: float = Field(default=1.0, ge=0.0)
    target: str = ""
    sky: SkySheet | None = None
    condition: ConditionSheet = ConditionSheet()

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.ramp is not None and self.exposure_times:
            raise ValueError("has exposure_times and a ramp; leave one of them out")
        if self.image_type == "BIAS" and any(self.times):
            raise ValueError("a BIAS has an exposure time of 0 s")
        if self.sky is not None and self.image_type != "OBJECT":
            raise ValueError(f"a {self.image_type} sees no sky; only an OBJECT does")
        return self

    @property
    def times(self) -> list[float]:
        """The exposure time of each exposure [s]."""
        times = list(self.ramp.times()) if self.ramp is not None else list(self.exposure_times or (0.0,))
        return [time for time in times * self.number for _ in range(self.repeat)]

    @property
    def numbers(self) -> range:
        """The numbers of its exposures within the day."""
        return range(self.first, self.first + len(self.times))


class PlanSheet(_Sheet):
    """A plan, as its author writes it."""

    raws: str
    title: str = ""
    scale: float = Field(default=1.0, gt=0.0, le=1.0)
    exposures: tuple[Group, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawShot:
    """An exposure, and what its header says beside it."""

    exposure: Exposure
    known: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPlan:
    """A plan: its name, the `scale` that it is meant for, and its groups."""

    name: str
    title: str
    scale: float
    groups: tuple[Group, ...]

    def shots(self, seed: int) -> list[RawShot]:
        """Return all exposures, in the order of their names; those of a day follow each other without overlap.

        Raises
        ------
        AuthorError
            If the exposures of a day take longer than a day.
        """
        planned = sorted(
            ((group.day_obs, number, time, group) for group in self.groups for number, time in _numbered(group)),
            key=lambda each: each[:2],
        )
        made: list[RawShot] = []
        day, end = 0, 0.0
        for day_obs, number, time, group in planned:
            noon = _noon(day_obs)
            begin = max(noon + _APART * number, end + _READOUT if day_obs == day else 0.0)
            shot = _shot(group, number, time, begin, seed)
            day, end = day_obs, shot.exposure.tai_end
            if end > noon + _DAY:
                raise AuthorError(f"{self.name}: the exposures of {day_obs} take longer than a day; use more days")
            made.append(shot)
        return made


def read_plan(name: str) -> RawPlan:
    """Read a plan, by name or path.

    Raises
    ------
    AuthorErrors
        With every mistake of the file.
    """
    document = _document(name)
    sheet = validate(document, PlanSheet)
    _require_numbers_of_their_own(sheet, document)
    return RawPlan(name=sheet.raws, title=sheet.title, scale=sheet.scale, groups=sheet.exposures)


def _document(name: str) -> Document:
    if is_path(name):
        return load_document(Path(name), name=name)
    names = known("raws")
    if name not in names:
        raise AuthorError(f"there is no plan of raw images {name}", suggestion=nearest(name, names))
    with as_file(files("sim_configs") / "raws" / f"{name}.yaml") as path:
        return load_document(path, name=path.name)


def _require_numbers_of_their_own(sheet: PlanSheet, document: Document) -> None:
    """Raise if two exposures would have the same name."""
    taken: dict[tuple[int, int], str] = {}
    for place, group in enumerate(sheet.exposures):
        at = document.position(("exposures", place, "first"))
        if group.numbers.stop > _NUMBERS:
            raise AuthorError.at(
                at, f"{group.group}: {group.numbers.stop - 1} is beyond the last number of a day, {_NUMBERS - 1}"
            )
        for number in group.numbers:
            other = taken.setdefault((group.day_obs, number), group.group)
            if other != group.group or group.numbers.count(number) > 1:
                raise AuthorError.at(at, f"{group.group}: number {number} of {group.day_obs} is one of {other}, too")


def _numbered(group: Group) -> Iterator[tuple[int, float]]:
    yield from zip(group.numbers, group.times, strict=True)


def _noon(day_obs: int) -> float:
    """Return the beginning of a day of observation, noon UTC, as TAI [s since 1970]."""
    day = datetime.strptime(str(day_obs), "%Y%m%d").replace(hour=_NOON, tzinfo=UTC)
    return day.timestamp() + _TAI_MINUS_UTC


def _shot(group: Group, number: int, time: float, begin: float, seed: int) -> RawShot:
    draws = Streams(seed).stream("raws", str(group.day_obs), str(number)).integers(2**32, size=2)
    exposure = make_exposure(
        group.image_type,
        number,
        exposure_time=time,
        filter=group.filter,
        grating=group.grating,
        brightness=group.brightness,
        sky=_sky(group, int(draws[1])) if group.image_type == "OBJECT" else None,
        sky_rate=group.sky.background if group.sky is not None else 0.0,
        condition=Condition(**dict(group.condition)),
        day_obs=group.day_obs,
        seed=int(draws[0]),
    )
    dated = replace(exposure, tai_begin=begin, tai_end=begin + exposure.dark_time, reason=group.group)
    return RawShot(exposure=dated, known={"target": group.target} if group.target else {})


def _sky(group: Group, seed: int) -> Sky:
    sky = group.sky or SkySheet(background=0.0)
    stars = star_field(seed, sky.stars, faintest=sky.faintest, brightest=sky.brightest)
    return Sky(stars=stars, seeing=sky.seeing, fringes=sky.fringes, target=group.target or "sky")
