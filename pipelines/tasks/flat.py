"""How bright each flat was: measured on each detector, then told apart from the detectors' own response."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from lsst.daf.butler import DatasetRef
from lsst.pex.config import Field
from lsst.pipe.base import (
    InputQuantizedConnection,
    OutputQuantizedConnection,
    PipelineTask,
    PipelineTaskConfig,
    PipelineTaskConnections,
    QuantumContext,
    Struct,
)
from lsst.pipe.base.connectionTypes import Input, Output

from pipelines.camera import Detector
from pipelines.flat import measure_background, normalize
from pipelines.image import CcdImage
from pipelines.tasks.quanta import DetectorTask, exposure_of

__all__ = ["CpFlatMeasureTask", "CpFlatNormalizationTask"]

_EXPOSURE = ("instrument", "exposure", "detector")


class CpFlatMeasureConnections(PipelineTaskConnections, dimensions=_EXPOSURE):
    """A flat, and its level."""

    inputExp = Input(name="postISRCCD", storageClass="CcdImage", doc="Corrected flat.", dimensions=_EXPOSURE)
    outputStats = Output(name="flatStats", storageClass="StructuredDataDict", doc="Its level.", dimensions=_EXPOSURE)


class CpFlatMeasureConfig(PipelineTaskConfig, pipelineConnections=CpFlatMeasureConnections):
    """How a level is measured."""

    doVignette: Any = Field(
        dtype=bool,
        doc="Leave out what the telescope vignettes. Nothing is vignetted here, so that this changes nothing.",
        default=False,
    )


class CpFlatMeasureTask(DetectorTask):
    """Measure the level of one flat."""

    ConfigClass = CpFlatMeasureConfig
    _DefaultName = "cpFlatMeasure"

    def run(self, inputExp: CcdImage, detector: Detector) -> Struct:
        """Return level [adu] and number of pixels, as `outputStats`."""
        level, pixels = measure_background(inputExp)
        return Struct(outputStats={"detector": detector.number, "level": float(level), "pixels": int(pixels)})


class CpFlatNormalizationConnections(PipelineTaskConnections, dimensions=("instrument", "physical_filter")):
    """Levels of all flats of a filter, and what to divide each exposure by."""

    inputMDs = Input(
        name="flatStats",
        storageClass="StructuredDataDict",
        doc="Levels of flats.",
        dimensions=("instrument", "physical_filter", "exposure", "detector"),
        multiple=True,
    )
    outputScales = Output(
        name="cpFlatNormScales",
        storageClass="StructuredDataDict",
        doc="Brightness of each exposure, response of each detector.",
        dimensions=("instrument", "physical_filter"),
    )


class CpFlatNormalizationConfig(PipelineTaskConfig, pipelineConnections=CpFlatNormalizationConnections):
    """Nothing to choose."""


class CpFlatNormalizationTask(PipelineTask):
    """Tell the brightness of exposures from the response of detectors."""

    ConfigClass = CpFlatNormalizationConfig
    _DefaultName = "cpFlatNorm"

    def runQuantum(
        self,
        butlerQC: QuantumContext,
        inputRefs: InputQuantizedConnection,
        outputRefs: OutputQuantizedConnection,
    ) -> None:
        """Read the levels, run, write the scales."""
        found = self.run(butlerQC.get(inputRefs.inputMDs), inputRefs.inputMDs)
        butlerQC.put(found, outputRefs)

    def run(self, levels: Sequence[dict[str, Any]], refs: Sequence[DatasetRef]) -> Struct:
        """Return what to divide each exposure by, as `outputScales`."""
        exposures = sorted({exposure_of(ref) for ref in refs})
        detectors = sorted({found["detector"] for found in levels})
        level = np.full((len(detectors), len(exposures)), np.nan)
        pixels = np.zeros_like(level)
        for found, ref in zip(levels, refs, strict=True):
            place = detectors.index(found["detector"]), exposures.index(exposure_of(ref))
            level[place], pixels[place] = found["level"], found["pixels"]
        scales = normalize(level, pixels)
        return Struct(
            outputScales={
                "brightness": dict(zip(exposures, scales.brightness.tolist(), strict=True)),
                "response": dict(zip(detectors, scales.response.tolist(), strict=True)),
            }
        )
