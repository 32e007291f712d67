"""Visits: what is on the sky is processed by visit, and here each exposure is one."""

from __future__ import annotations

from lsst.daf.butler import Butler, DimensionRecord

from pipelines.middleware.errors import RepositoryFault
from pipelines.middleware.instrument import VISIT_SYSTEMS

__all__ = ["define_visits"]

_SAME = (
    *("day_obs", "physical_filter", "seq_num", "exposure_time", "target_name"),
    *("observation_reason", "science_program", "azimuth", "zenith_angle", "timespan"),
)
"""What a visit says just as its exposure does."""


def define_visits(butler: Butler, instrument: str, where: str = "", *, update_records: bool = False) -> int:
    """Make a visit of each science exposure that has none; return how many there are now.

    Parameters
    ----------
    where
        Which exposures, in the butler's expression language; all unless given.
    update_records
        Replace what the repository says of a visit.

    Raises
    ------
    RepositoryFault
        If the repository does not know the instrument.
    """
    if not butler.query_dimension_records("instrument", instrument=instrument, explain=False):
        raise RepositoryFault(f"instrument {instrument} is not registered in this repository")
    science = f"exposure.observation_type = 'science'{f' AND ({where})' if where else ''}"
    exposures = butler.query_dimension_records(
        "exposure", where=science, instrument=instrument, explain=False, limit=None
    )
    for exposure in exposures:
        with butler.transaction():
            _define(butler, exposure, update_records)
    return len(exposures)


def _define(butler: Butler, exposure: DimensionRecord, update: bool) -> None:
    key = {"instrument": exposure.instrument}
    visit = {"id": exposure.id, "name": exposure.obs_id, **{name: getattr(exposure, name) for name in _SAME}}
    butler.registry.syncDimensionData("visit", {**key, **visit}, update=update)
    butler.registry.syncDimensionData("visit_definition", {**key, "exposure": exposure.id, "visit": exposure.id})
    for system in VISIT_SYSTEMS:
        butler.registry.syncDimensionData(
            "visit_system_membership", {**key, "visit": exposure.id, "visit_system": system}
        )
