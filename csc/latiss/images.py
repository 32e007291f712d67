"""Exposures as recipes, and the store that evidence is read from.

An exposure keeps what it saw (light, filters, times, seed); pixels are rendered only when somebody reads them,
always the same. Decides how exposures are named and numbered, and which one is the last of its kind.
Leaves taking them to the camera and rendering them to whoever needs pixels.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from csc.latiss.detector import Condition, Sky, element_name
from csc.latiss.light import Received
from fsm.document import nearest

__all__ = ["Exposure", "ImageStore", "day_obs", "exposure_id", "exposure_name"]

_NAME = re.compile(r"(?P<source>[A-Z]{2})_O_(?P<day_obs>\d{8})_(?P<seq_num>\d{6})")
_LAST_SEQ_NUM = 99_999
_ROLL_OVER = timedelta(hours=12)

Listener: TypeAlias = "Callable[[Exposure], None]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """The recipe of one image.

    Attributes
    ----------
    name
        As the camera publishes it, e.g. ``AT_O_20250601_000012``.
    image_type
        As commanded, in capitals: BIAS, DARK, FLAT, ...
    day_obs
        Observing day as the integer YYYYMMDD.
    exposure_time
        Commanded time of the open shutter, or of a dark [s].
    dark_time
        How long charge was collected [s].
    filter, grating
        Elements in the light, as installed, e.g. ``empty_1``.
    tai_begin, tai_end
        Begin and end of the integration, TAI [s].
    seed
        Of the random numbers that pixels are rendered with.
    light
        What was collected; with the seed, all that pixels need.
    counts
        Observed mean level above bias [adu].
    saturated
        Whether the mean level reached saturation.
    condition
        What was not as usual with the detector or its light.
    sky
        What was seen of the sky; None for all that the simulated observatory takes.
    """

    name: str
    image_type: str
    seq_num: int
    day_obs: int
    exposure_time: float
    dark_time: float
    filter: str
    grating: str
    reason: str = ""
    program: str = ""
    group_id: str = ""
    tai_begin: float
    tai_end: float
    seed: int
    light: Received
    counts: float
    saturated: bool
    condition: Condition = field(default_factory=Condition)
    sky: Sky | None = None

    def __post_init__(self) -> None:
        if not self.image_type.isupper():
            raise ValueError(f"image_type={self.image_type!r} must be in capitals")

    @property
    def kind(self) -> str:
        """The image type as conditions write it: bias, dark, flat, ..."""
        return self.image_type.lower()

    @property
    def id(self) -> int:
        """The exposure id; see `exposure_id`."""
        return exposure_id(self.name)


_FIELDS = frozenset({each.name for each in dataclasses.fields(Exposure)} | {"kind", "id"})


class ImageStore:
    """All exposures of a run, in the order in which they were taken.

    Parameters
    ----------
    taken
        The highest number of an image that was taken before, by observing day.
    """

    def __init__(self, taken: Mapping[int, int] | None = None) -> None:
        self._taken = dict(taken or {})
        self._exposures: dict[str, Exposure] = {}
        self._kinds: dict[str, list[Exposure]] = {}
        self._queries: dict[tuple[str, tuple[tuple[str, object], ...]], _Query] = {}
        self._listeners: list[Listener] = []

    def __len__(self) -> int:
        return len(self._exposures)

    def __iter__(self) -> Iterator[Exposure]:
        return iter(tuple(self._exposures.values()))

    def __getitem__(self, name: str) -> Exposure:
        return self._exposures[name]

    def append(self, exposure: Exposure) -> None:
        """Add an exposure and tell the listeners, in the order in which they came.

        Raises
        ------
        ValueError
            If there is an exposure of that name already.
        """
        if exposure.name in self._exposures:
            raise ValueError(f"there is an exposure {exposure.name} already")
        self._exposures[exposure.name] = exposure
        self._kinds.setdefault(exposure.kind, []).append(exposure)
        for listener in tuple(self._listeners):
            listener(exposure)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have a function called with each exposure to come; the function returned ends it."""
        self._listeners.append(listener)

        def leave() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return leave

    def last(self, kind: str, **where: object) -> Exposure | None:
        """Give the latest exposure of a kind, or None.

        Parameters
        ----------
        kind
            An image type in any case.
        where
            Attributes it must have. Times may differ by rounding; ``empty`` is any empty slot.

        Raises
        ------
        ValueError
            If exposures have no such attribute.
        """
        return self._query(kind, where).last

    def count(self, kind: str, **where: object) -> int:
        """Count the exposures of a kind; parameters and errors as for `last`."""
        return self._query(kind, where).count

    def next_seq_num(self, day: int) -> int:
        """Give the number after the highest one of an observing day (YYYYMMDD); the first is 1."""
        before = self._taken.get(day, 0)
        return 1 + max((exposure.seq_num for exposure in self if exposure.day_obs == day), default=before)

    def _query(self, kind: str, where: dict[str, object]) -> _Query:
        """Answer a question that may be asked after every image: each image is looked at once."""
        key = (kind.lower(), tuple(where.items()))
        query = self._queries.get(key)
        if query is None:
            for unknown in sorted(where.keys() - _FIELDS):
                near = nearest(unknown, _FIELDS)
                raise ValueError(f"an exposure has no {unknown}" + (f"; did you mean {near}?" if near else ""))
            query = self._queries[key] = _Query(key[1])
        query.look(self._kinds.get(key[0], []))
        return query


class _Query:
    """The exposures that have certain attributes, as far as they were looked at."""

    __slots__ = ("_seen", "_where", "count", "last")

    def __init__(self, where: tuple[tuple[str, object], ...]) -> None:
        self._where = tuple((key, _normal(key, wanted)) for key, wanted in where)
        self._seen = 0
        self.count = 0
        self.last: Exposure | None = None

    def look(self, exposures: list[Exposure]) -> None:
        """Look at what has come since the last time."""
        while self._seen < len(exposures):
            exposure = exposures[self._seen]
            self._seen += 1
            if all(_agrees(_normal(key, getattr(exposure, key)), wanted) for key, wanted in self._where):
                self.count += 1
                self.last = exposure


def exposure_name(day: int, seq_num: int, source: str = "AT") -> str:
    """Name an exposure of the observatory's own sequence (controller O).

    Parameters
    ----------
    day
        Observing day, YYYYMMDD.
    seq_num
        Number within the day, 1 to 99 999.
    source
        Two letters for the camera.

    Raises
    ------
    ValueError
        If the number does not fit into an exposure id, or the result would not be a name.

    Examples
    --------
    >>> exposure_name(20250601, 12)
    'AT_O_20250601_000012'
    """
    name = f"{source}_O_{day:08d}_{seq_num:06d}"
    exposure_id(name)
    return name


def exposure_id(name: str) -> int:
    """Give the integer by which data are found: the day and five digits of the number.

    Raises
    ------
    ValueError
        If it is no name of an exposure, or its number does not fit into five digits.

    References
    ----------
    lsst/obs_lsst: python/lsst/obs/lsst/translators/lsst.py

    Examples
    --------
    >>> exposure_id("AT_O_20250601_000012")
    2025060100012
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise ValueError(f"{name!r} is no exposure name; expected the form AT_O_YYYYMMDD_NNNNNN")
    seq_num = int(match["seq_num"])
    if not 1 <= seq_num <= _LAST_SEQ_NUM:
        raise ValueError(f"{name}: {seq_num=} must lie in 1 to {_LAST_SEQ_NUM}")
    return int(match["day_obs"]) * (_LAST_SEQ_NUM + 1) + seq_num


def day_obs(tai: float, tai_minus_utc: float) -> int:
    """Give the observing day, which begins at noon UTC, as the integer YYYYMMDD.

    Parameters
    ----------
    tai
        TAI [s since 1970-01-01T00:00:00 TAI].
    tai_minus_utc
        Leap seconds so far [s]; 37 since 2017.

    References
    ----------
    lsst/obs_lsst: python/lsst/obs/lsst/translators/lsstCam.py

    Examples
    --------
    >>> noon = datetime(2025, 6, 2, 12, tzinfo=UTC).timestamp() + 37.0
    >>> day_obs(noon - 0.001, 37.0), day_obs(noon, 37.0)
    (20250601, 20250602)
    """
    night = datetime.fromtimestamp(0.0, UTC) + timedelta(seconds=tai - tai_minus_utc) - _ROLL_OVER
    return int(night.strftime("%Y%m%d"))


def _normal(key: str, value: object) -> object:
    return element_name(str(value)) if key in {"filter", "grating"} else value


def _agrees(value: object, wanted: object) -> bool:
    if isinstance(value, float) and isinstance(wanted, int | float):
        return math.isclose(value, wanted, rel_tol=1e-9)
    return value == wanted
