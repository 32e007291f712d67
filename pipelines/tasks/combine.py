"""One calibration image from those of many exposures: biases, darks, flats, fringes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lsst.daf.butler import DeferredDatasetHandle
from lsst.pex.config import ChoiceField, Field
from lsst.pipe.base import PipelineTaskConfig, PipelineTaskConnections, Struct
from lsst.pipe.base.connectionTypes import Input, Output

from pipelines.camera import Detector
from pipelines.combine import SCALINGS, CombineSettings, combine, distribution
from pipelines.tasks.quanta import DetectorTask, by_exposure, exposure_of
from pipelines.tasks.settings import chosen, setting

__all__ = ["CalibCombineByFilterTask", "CalibCombineTask"]

_GIVEN = "InputList"


class CalibCombineConnections(PipelineTaskConnections, dimensions=("instrument", "detector")):
    """Images of many exposures, what to divide each by, and the calibration."""

    inputExps = Input(
        name="cpInputs",
        storageClass="CcdImage",
        doc="Corrected images.",
        dimensions=("instrument", "exposure", "detector"),
        multiple=True,
        deferLoad=True,
    )
    inputScales = Input(
        name="cpScales", storageClass="StructuredDataDict", doc="What each is divided by.", dimensions=("instrument",)
    )
    outputData = Output(
        name="cpProposal",
        storageClass="CcdImage",
        doc="Combined calibration.",
        dimensions=("instrument", "detector"),
        isCalibration=True,
    )

    def __init__(self, *, config: Any = None) -> None:
        super().__init__(config=config)
        if config.exposureScaling != _GIVEN:
            del self.inputScales


class CalibCombineConfig(PipelineTaskConfig, pipelineConnections=CalibCombineConnections):
    """How images are combined."""

    calibrationType: Any = Field(dtype=str, doc="What is made: bias, dark, flat or fringe.", default="calibration")
    exposureScaling: Any = ChoiceField(
        dtype=str, doc="What each image is divided by.", default="Unity", allowed={name: name for name in SCALINGS}
    )
    mask = setting(CombineSettings, "ignored")
    clip = setting(CombineSettings, "clip")
    nIter = setting(CombineSettings, "iterations")


class CalibCombineTask(DetectorTask):
    """Combine images of one detector, strip by strip."""

    ConfigClass = CalibCombineConfig
    _DefaultName = "cpCombine"

    def run(
        self,
        inputExps: Sequence[DeferredDatasetHandle],
        detector: Detector,
        inputScales: Mapping[str, Any] | None = None,
    ) -> Struct:
        """Return the calibration, as `outputData`."""
        kind = self.config.calibrationType
        handles = by_exposure(inputExps)
        brightness = inputScales["brightness"] if inputScales else {}
        image = combine(
            [handle.get(component="rows") for handle in handles],
            chosen(self.config, CombineSettings),
            kind=kind,
            scaling=self.config.exposureScaling,
            given=[brightness[exposure_of(handle)] for handle in handles if brightness],
            created=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}",
        )
        image.header |= distribution(image, detector, kind)
        return Struct(outputData=image)


class CalibCombineByFilterConnections(
    CalibCombineConnections, dimensions=("instrument", "physical_filter", "detector")
):
    """The same, of one filter."""

    inputScales = Input(
        name="cpFilterScales",
        storageClass="StructuredDataDict",
        doc="What each is divided by.",
        dimensions=("instrument", "physical_filter"),
    )
    outputData = Output(
        name="cpFilterProposal",
        storageClass="CcdImage",
        doc="Combined calibration of the filter.",
        dimensions=("instrument", "physical_filter", "detector"),
        isCalibration=True,
    )


class CalibCombineByFilterConfig(CalibCombineConfig, pipelineConnections=CalibCombineByFilterConnections):
    """How images of one filter are combined."""


class CalibCombineByFilterTask(CalibCombineTask):
    """Combine images of one detector through one filter."""

    ConfigClass = CalibCombineByFilterConfig
    _DefaultName = "cpFilterCombine"
