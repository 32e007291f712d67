"""Raw images into a repository, each file for itself: what one lacks undoes no other.

A file's exposure, its records and its place in the store come together or not at all. Files that are in the repository
already are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from astropy.time import Time, TimeDelta
from lsst.daf.butler import Butler, DatasetIdGenEnum, DatasetRef, FileDataset, Timespan
from lsst.daf.butler.registry import ConflictingDefinitionError
from lsst.utils.introspection import get_full_type_name
from sqlalchemy.exc import OperationalError

from pipelines.middleware.errors import FileFault, MiddlewareError, RepositoryFault
from pipelines.middleware.formatters import RawImageFormatter
from pipelines.middleware.instrument import INSTRUMENTS
from pipelines.middleware.raw_fits import read_raw_header
from pipelines.middleware.repository import raw_run, raw_type
from pipelines.middleware.translate import Observation, translate

__all__ = ["FITS", "Ingested", "Intake", "find_files", "ingest", "records_of"]

FITS = r"\.fits?(\.(fz|gz))?$"
"""Names that FITS files have, as a regular expression."""

_ROLLOVER = "12:00:00"
"""Time at which the day of observation changes [TAI]."""

_SAME = (
    *("obs_id", "physical_filter", "group", "day_obs", "exposure_time", "dark_time", "observation_type"),
    *("observation_reason", "seq_num", "seq_start", "seq_end", "target_name", "science_program", "tracking_ra"),
    *("tracking_dec", "sky_angle", "azimuth", "zenith_angle", "has_simulated", "can_see_sky"),
)
"""What the record of an exposure says in the words of `Observation`."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of files: `new` in the repository, `known` to it before, or `failed` and why."""

    new: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        counts = {"ingested": self.new, "already there": self.known, "failed": self.failed}
        return ", ".join(f"{len(files)} {what}" for what, files in counts.items())


class Intake:
    """A repository that takes image after image, as they are written.

    Parameters
    ----------
    repository
        It is opened with the first image.
    """

    def __init__(self, repository: Path) -> None:
        self._repository = repository
        self._butler: Butler | None = None

    def take(self, file: Path) -> str:
        """Ingest a file where it lies; return what is wrong with it, empty if nothing is."""
        if self._butler is None:
            self._butler = Butler.from_config(str(self._repository), writeable=True)
        return " ".join(ingest(self._butler, [file], transfer="direct").failed.values())

    def close(self) -> None:
        """Close the repository."""
        if self._butler is not None:
            self._butler.close()
            self._butler = None


def find_files(places: Iterable[str | Path], pattern: str = FITS) -> list[Path]:
    """Return the files among `places`, and those below the folders among them whose names match.

    Raises
    ------
    FileFault
        If a place does not exist, or there are no such files at all.
    """
    paths = [Path(place) for place in places]
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise FileFault(f"{', '.join(missing)}: there is no such file or folder")
    found = [file for path in paths for file in _below(path, re.compile(pattern))]
    if not found:
        raise FileFault(f"{', '.join(map(str, paths))}: no files whose names match {pattern!r}")
    return found


def _below(place: Path, pattern: re.Pattern[str]) -> Iterator[Path]:
    if place.is_file():
        yield place
    else:
        yield from sorted(path for path in place.rglob("*") if path.is_file() and pattern.search(path.name))


def ingest(
    butler: Butler,
    files: Iterable[str | Path],
    *,
    run: str | None = None,
    transfer: str = "auto",
    fail_fast: bool = False,
    update_records: bool = False,
) -> Ingested:
    """Ingest raw images.

    Parameters
    ----------
    butler
        Able to write; its instruments are registered.
    run
        Collection; that of the instrument's raw images unless given.
    transfer
        How files come into the store, in the butler's words: copy, move, link, symlink, direct...
    fail_fast
        Stop at the first file that fails, and ingest none at all.
    update_records
        Replace what the repository says of an exposure by what a file says.

    Returns
    -------
    Ingested
        What became of each file.

    Raises
    ------
    MiddlewareError
        If a file fails and `fail_fast` says so.
    """
    report = Ingested()
    every: AbstractContextManager[Any] = butler.transaction() if fail_fast else nullcontext()
    with every:
        for file in map(str, files):
            try:
                new = _ingest_one(butler, file, run, transfer, update_records)
            except MiddlewareError as fault:
                if fail_fast:
                    raise
                report.failed[file] = str(fault)
            else:
                (report.new if new else report.known).append(file)
    return report


def records_of(seen: Observation) -> dict[str, dict[str, Any]]:
    """Return the records that an exposure needs, by dimension, in the order in which they depend on each other."""
    day = str(seen.day_obs)
    noon = Time(f"{day[:4]}-{day[4:6]}-{day[6:]}T{_ROLLOVER}", scale="tai", format="isot")
    night = Timespan(noon, noon + TimeDelta(1.0, format="jd"))
    span = Timespan(Time(seen.begin, scale="tai", format="isot"), Time(seen.end, scale="tai", format="isot"))
    records: dict[str, dict[str, Any]] = {
        "group": {"name": seen.group},
        "day_obs": {"id": seen.day_obs, "timespan": night},
        "exposure": {"id": seen.exposure, "timespan": span, **{name: getattr(seen, name) for name in _SAME}},
    }
    return {name: {"instrument": seen.instrument, **values} for name, values in records.items()}


def _ingest_one(butler: Butler, file: str, run: str | None, transfer: str, update: bool) -> bool:
    """Ingest one file; return whether it is new."""
    seen = translate(read_raw_header(file), file)
    _require_known(butler, seen, file)
    kind = raw_type(butler)
    run = run or raw_run(seen.instrument)
    try:
        butler.registry.registerDatasetType(kind)
        butler.collections.register(run)
        with butler.transaction():
            for dimension, values in records_of(seen).items():
                butler.registry.syncDimensionData(dimension, values, update=update)
            data_id = butler.registry.expandDataId(
                instrument=seen.instrument, exposure=seen.exposure, detector=seen.detector
            )
            ref = DatasetRef(kind, data_id, run=run, id_generation_mode=DatasetIdGenEnum.DATAID_TYPE_RUN)
            new = not butler.stored(ref)
            dataset = FileDataset(path=str(Path(file).absolute()), refs=[ref], formatter=RawImageFormatter)
            butler.ingest(dataset, transfer=transfer, skip_existing=True)
    except ConflictingDefinitionError as error:
        raise FileFault(
            f"{file}: exposure {seen.exposure} is in the repository with other values ({error}); "
            "--update-records replaces them"
        ) from error
    except OperationalError as error:
        raise RepositoryFault(f"{file}: the repository's database refused it ({error.orig}); try again") from error
    except OSError as error:
        raise FileFault(f"{file}: not brought into the store by {transfer!r} ({error})") from error
    return new


def _require_known(butler: Butler, seen: Observation, file: str) -> None:
    """Raise unless the repository knows the exposure's instrument and filter."""
    found = butler.query_dimension_records("physical_filter", instrument=seen.instrument, explain=False, limit=None)
    known = sorted(record.name for record in found)
    if not known:
        raise RepositoryFault(
            f"{file}: instrument {seen.instrument} is not registered; "
            f"butler register-instrument REPO {get_full_type_name(INSTRUMENTS[seen.instrument])} does that"
        )
    if seen.physical_filter not in known:
        raise FileFault(f"{file}: {seen.instrument} has no filter {seen.physical_filter!r}; it has {', '.join(known)}")
