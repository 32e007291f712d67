"""What tasks know of the piece of work before them: its detector, its exposures, its inputs in a fixed order."""

from __future__ import annotations

from collections.abc import Sequence
from logging import getLogger
from typing import Any, ClassVar

from lsst.daf.butler import DataCoordinate, DatasetRef, DeferredDatasetHandle
from lsst.pipe.base import InputQuantizedConnection, OutputQuantizedConnection, PipelineTask, QuantumContext

from pipelines.camera import Detector, load_camera

__all__ = ["DetectorTask", "by_exposure", "detector_of", "exposure_of", "kind_of"]


def detector_of(data_id: DataCoordinate | None) -> Detector:
    """Return the detector that a data ID names."""
    if data_id is None:
        raise ValueError("a task on a detector has a data ID that names it")
    return load_camera(str(data_id["instrument"])).detectors[int(data_id["detector"])]


def exposure_of(item: DatasetRef | DeferredDatasetHandle) -> int:
    """Return the number of the exposure that a data set is of."""
    return int(item.dataId["exposure"])


def kind_of(item: DatasetRef | DeferredDatasetHandle) -> str:
    """Return the type of observation that a data set is of: bias, dark, flat, science."""
    record = item.dataId.records["exposure"]
    if record is None:
        raise ValueError(f"{item.dataId}: its data ID has no record of the exposure")
    return str(record.observation_type)


def by_exposure(items: Sequence[Any]) -> list[Any]:
    """Return data sets in the order of their exposures, whatever order the butler gave them in."""
    return sorted(items, key=exposure_of)


class DetectorTask(PipelineTask):
    """A task on one detector, which `run` gets beside the inputs."""

    config: Any
    ConfigClass: ClassVar[Any]
    _DefaultName: ClassVar[str]

    def __init__(self, *, log: Any = None, **more: Any) -> None:
        # `pipetask` shows what is logged below this name, unless it is told of others.
        super().__init__(log=log or getLogger("lsst"), **more)

    def runQuantum(
        self,
        butlerQC: QuantumContext,
        inputRefs: InputQuantizedConnection,
        outputRefs: OutputQuantizedConnection,
    ) -> None:
        """Read the inputs, run, write the outputs."""
        inputs = butlerQC.get(inputRefs)
        found = self.run(**inputs, detector=detector_of(butlerQC.quantum.dataId))
        butlerQC.put(found, outputRefs)
