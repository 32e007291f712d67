"""The two cameras as instruments of a butler: names, detectors, filters.

What they are made of comes from `pipelines.camera`; here it is put in the butler's records.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from lsst.pipe.base import Instrument
from lsst.utils.introspection import get_full_type_name

from pipelines.camera import Camera, load_camera
from pipelines.middleware.errors import RepositoryFault
from pipelines.middleware.formatters import RawImageFormatter
from pipelines.middleware.translate import EXPOSURE_MAX, UNKNOWN

if TYPE_CHECKING:
    from lsst.daf.butler import DataId, Formatter, FormatterV2
    from lsst.daf.butler.registry import Registry

__all__ = ["INSTRUMENTS", "Latiss", "LsstComCam", "SimulatedCamera", "filters", "instrument_named"]

VISIT_SYSTEMS = {0: "one-to-one", 2: "by-seq-start-end"}
"""How exposures make visits; the numbers are the observatory's. One exposure a visit satisfies both."""


def filters(camera: Camera) -> dict[str, str]:
    """Return the band of each physical filter, those of headers that do not say included.

    Examples
    --------
    >>> found = filters(load_camera("LATISS"))
    >>> found["empty~SDSSy_65mm"], found["unknown~empty"]
    ('y', 'unknown')
    """
    wheels = [dict.fromkeys(parts) for parts in zip(*(name.split("~") for name in camera.filters), strict=True)]
    names = [""]
    for wheel in wheels:
        names = [f"{name}~{element}".lstrip("~") for name in names for element in (*wheel, UNKNOWN)]
    return {name: camera.filters.get(name, UNKNOWN) for name in names}


class SimulatedCamera(Instrument):
    """One of the cameras that are simulated here."""

    name: ClassVar[str]
    raw_definition = ("raw", ("instrument", "exposure", "detector"), "RawImage")

    @classmethod
    def getName(cls) -> str:
        """Return the instrument's name in data IDs."""
        return cls.name

    @classmethod
    def camera(cls) -> Camera:
        """Return what it is made of."""
        return load_camera(cls.name)

    def getRawFormatter(self, dataId: DataId) -> type[Formatter | FormatterV2]:
        """Return how raw images are read."""
        return RawImageFormatter

    def register(self, registry: Registry, *, update: bool = False) -> None:
        """Put the instrument, its detectors, filters and visit systems into a registry, all or nothing."""
        camera = self.camera()
        with registry.transaction():
            registry.syncDimensionData(
                "instrument",
                {
                    "name": self.name,
                    "detector_max": len(camera.detectors),
                    "visit_max": EXPOSURE_MAX,
                    "exposure_max": EXPOSURE_MAX,
                    "class_name": get_full_type_name(self),
                    "visit_system": max(VISIT_SYSTEMS),
                },
                update=update,
            )
            for record in _detectors(camera):
                registry.syncDimensionData("detector", record, update=update)
            for name, band in filters(camera).items():
                record = {"instrument": self.name, "name": name, "band": band}
                registry.syncDimensionData("physical_filter", record, update=update)
            for number, name in VISIT_SYSTEMS.items():
                record = {"instrument": self.name, "id": number, "name": name}
                registry.syncDimensionData("visit_system", record, update=update)


def _detectors(camera: Camera) -> list[dict[str, object]]:
    return [
        {
            "instrument": camera.name,
            "id": detector.number,
            "full_name": detector.name,
            "name_in_raft": detector.name_in_raft,
            "raft": detector.raft,
            "purpose": "SCIENCE",
        }
        for detector in camera.detectors.values()
    ]


class Latiss(SimulatedCamera):
    """The imager and spectrograph of the Auxiliary Telescope."""

    name = "LATISS"


class LsstComCam(SimulatedCamera):
    """The commissioning camera of the Simonyi Survey Telescope: one raft of nine sensors."""

    name = "LSSTComCam"


INSTRUMENTS: Mapping[str, type[SimulatedCamera]] = {each.name: each for each in (Latiss, LsstComCam)}
"""Instruments by name."""


def instrument_named(name: str) -> SimulatedCamera:
    """Return an instrument.

    Parameters
    ----------
    name
        In data IDs; or the name of a class, with or without its module, as `register-instrument` takes it.

    Raises
    ------
    RepositoryFault
        If there is no such instrument.
    """
    short = name.rpartition(".")[2]
    for known, kind in INSTRUMENTS.items():
        if short in (known, kind.__name__):
            return kind()
    raise RepositoryFault(f"no instrument {name!r}; there are {', '.join(INSTRUMENTS)}")
