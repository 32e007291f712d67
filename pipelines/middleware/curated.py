"""Calibrations that people made: put in a run, certified with dates, chained into the recommended calibrations.

They are stated by amplifier in `curated.yaml`; boxes of pixels are made at the size of the raw images that the
repository holds, at full size if it holds none.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import yaml
from astropy.time import Time
from lsst.daf.butler import Butler, CollectionType, DataCoordinate, DatasetRef, DatasetType, Timespan

from pipelines.camera import Geometry
from pipelines.defects import Defects, amplifier_defects
from pipelines.middleware.errors import RepositoryFault
from pipelines.middleware.instrument import SimulatedCamera, instrument_named
from pipelines.middleware.repository import calibrations, chain_first, raw_run

__all__ = ["write_curated"]

_TILES = (2, 8)
"""Amplifiers of a detector: rows and columns."""


def write_curated(
    butler: Butler, instrument: str, collection: str | None = None, *, shape: tuple[int, int] | None = None
) -> tuple[int, int]:
    """Write and certify the curated calibrations of an instrument; return how many are new, and how many there are.

    Parameters
    ----------
    collection
        Of certified calibrations; ``<instrument>/calib/curated`` unless given, which is chained into
        ``<instrument>/calib``.
    shape
        Rows and columns of assembled images; those of the raw images that the repository holds unless given.

    Raises
    ------
    RepositoryFault
        If the repository does not know the instrument.
    """
    camera = instrument_named(instrument)
    if not butler.query_dimension_records("instrument", instrument=camera.name, explain=False):
        raise RepositoryFault(f"instrument {camera.name} is not registered in this repository")
    target = collection or calibrations(camera.name, "curated")
    kind = DatasetType(
        "defects", ("instrument", "detector"), "CcdDefects", universe=butler.dimensions, isCalibration=True
    )
    butler.registry.registerDatasetType(kind)
    new = total = 0
    shape = shape or _shape(butler, camera)
    with butler.transaction():
        butler.collections.register(target, CollectionType.CALIBRATION)
        for entry, span in _entries(camera.name):
            run = f"{target}/{camera.formatCollectionTimestamp(entry['begin'].isoformat())}"
            butler.collections.register(run)
            for detector in camera.camera().detectors.values():
                product = amplifier_defects(detector, shape, entry["amplifiers"])
                data_id = DataCoordinate.standardize(
                    instrument=camera.name, detector=detector.number, dimensions=kind.dimensions
                )
                new += _certify(butler, kind, data_id, product, run, target, span)
                total += 1
    if collection is None:
        chain_first(butler, calibrations(camera.name), target)
    return new, total


def _certify(
    butler: Butler, kind: DatasetType, data_id: DataCoordinate, product: Defects, run: str, target: str, span: Timespan
) -> bool:
    """Put one product and certify it; return whether it is new."""
    if butler.find_dataset(kind, data_id, collections=run) is not None:
        return False
    ref: DatasetRef = butler.put(product, kind, data_id, run=run)
    butler.registry.certify(target, [ref], span)
    return True


def _shape(butler: Butler, camera: SimulatedCamera) -> tuple[int, int]:
    """Return rows and columns of an assembled image: as the newest raw image has them, or the camera."""
    geometry: Geometry = camera.camera().geometry
    run = raw_run(camera.name)
    if butler.collections.query(run):
        found = butler.query_datasets("raw", collections=run, order_by="-exposure", limit=1, explain=False)
        geometry = butler.get(found[0]).geometry if found else geometry
    return geometry.data_rows * _TILES[0], geometry.data_columns * _TILES[1]


def _entries(instrument: str) -> Iterator[tuple[dict[str, Any], Timespan]]:
    text = (files(__package__) / "curated.yaml").read_text(encoding="utf-8")
    for entry in yaml.safe_load(text)[instrument]["defects"]:
        begin, end = (
            Time(f"{day.isoformat()}T00:00:00", scale="tai", format="isot") if day else None
            for day in (entry["begin"], entry.get("end"))
        )
        yield entry, Timespan(begin, end)
