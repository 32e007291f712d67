"""Repositories for our cameras: created, with instruments, collections and all dataset types that our pipelines know.

With the dataset types in place `pipetask run` needs no `--register-dataset-types`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path

from lsst.daf.butler import Butler, CollectionType, Config, DatasetType
from lsst.pipe.base import Pipeline

from pipelines.environment import general_files
from pipelines.middleware.errors import RepositoryFault
from pipelines.middleware.instrument import SimulatedCamera, instrument_named

__all__ = [
    "SEED",
    "calibrations",
    "chain_first",
    "create_observatory_repository",
    "create_repository",
    "prepare_repository",
    "raw_run",
    "raw_type",
    "register_dataset_types",
]

SEED = "repo.yaml"
"""File of the storage classes and formatters, beside this module."""


def create_repository(
    root: str | Path, instruments: Iterable[str] = ("LATISS",), config: str | Path | None = None
) -> None:
    """Create a repository and make it ready for our pipelines.

    Parameters
    ----------
    root
        A folder that is empty or does not exist.
    instruments
        Names of the cameras whose images it shall hold.
    config
        A configuration of the butler's own, such as ``registry: {db: "postgresql://..."}``; SQLite without it.

    Raises
    ------
    RepositoryFault
        If there is something in the folder, or no such instrument.
    """
    cameras = [instrument_named(name) for name in instruments]
    seed = Config(str(files(__package__) / SEED))
    if config is not None:
        seed.update(Config(str(config)))
    try:
        Butler.makeRepo(str(root), config=seed, forceConfigRoot=config is None)
    except FileExistsError as error:
        raise RepositoryFault(f"{root}: there is a repository already; name another folder") from error
    with Butler.from_config(str(root), writeable=True) as butler:
        prepare_repository(butler, cameras)


def create_observatory_repository(root: Path, shapes: Mapping[str, tuple[int, int]]) -> None:
    """Create a repository as an observatory has one: for several cameras, with their curated calibrations.

    Parameters
    ----------
    shapes
        Rows and columns of the assembled images of each camera.
    """
    from pipelines.middleware.curated import write_curated

    create_repository(root, shapes)
    with Butler.from_config(str(root), writeable=True) as butler:
        for instrument, shape in shapes.items():
            write_curated(butler, instrument, shape=shape)


def prepare_repository(butler: Butler, cameras: Iterable[SimulatedCamera]) -> None:
    """Register instruments, their collections and all dataset types; what is there already stays."""
    for camera in cameras:
        camera.register(butler.registry)
        butler.collections.register(raw_run(camera.name))
        butler.collections.register(calibrations(camera.name), CollectionType.CHAINED)
    register_dataset_types(butler)


def register_dataset_types(butler: Butler) -> None:
    """Register every dataset type of our pipelines, and that of raw images."""
    butler.registry.registerDatasetType(raw_type(butler))
    for file in general_files():
        graph = Pipeline.from_uri(str(file)).to_graph(butler.registry)
        graph.register_dataset_types(butler)


def raw_type(butler: Butler) -> DatasetType:
    """Return the type of raw images."""
    name, dimensions, storage_class = SimulatedCamera.raw_definition
    return DatasetType(name, dimensions, storage_class, universe=butler.dimensions)


def raw_run(instrument: str) -> str:
    """Return the run of an instrument's raw images."""
    return f"{instrument}/raw/all"


def calibrations(instrument: str, *labels: str) -> str:
    """Return the chain of an instrument's recommended calibrations, or a collection below it."""
    return "/".join((instrument, "calib", *labels))


def chain_first(butler: Butler, chain: str, child: str) -> None:
    """Put a collection first in a chain, which is created if need be, unless it is in it already.

    Raises
    ------
    RepositoryFault
        If the chain's name is that of a collection of another kind.
    """
    butler.collections.register(chain, CollectionType.CHAINED)
    info = butler.collections.get_info(chain)
    if info.type is not CollectionType.CHAINED:
        raise RepositoryFault(f"{chain} is a {info.type.name} collection, not a chain; give another --collection")
    if child not in info.children:
        butler.collections.prepend_chain(chain, child)
