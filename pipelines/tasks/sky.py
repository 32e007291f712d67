"""Sky frames: the level of each exposure over the focal plane, what is left of it on a detector, and the average."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from lsst.pex.config import Field
from lsst.pipe.base import PipelineTask, PipelineTaskConfig, PipelineTaskConnections, Struct
from lsst.pipe.base.connectionTypes import Input, Output

from pipelines.camera import Detector
from pipelines.image import CcdImage
from pipelines.sky import (
    Background,
    average_sky,
    exposure_scale,
    focal_plane_levels,
    mask_objects,
    relative_sky,
    sky_image,
)
from pipelines.tasks.quanta import DetectorTask

__all__ = ["CpSkyCombineTask", "CpSkyImageTask", "CpSkyScaleMeasureTask", "CpSkySubtractBackgroundTask"]

_EXPOSURE = ("instrument", "exposure", "detector")


class CpSkyImageConnections(PipelineTaskConnections, dimensions=_EXPOSURE):
    """A corrected image of the sky, the same with its objects masked, and its level."""

    inputExp = Input(name="cpSkyIsr", storageClass="CcdImage", doc="Corrected image.", dimensions=_EXPOSURE)
    maskedExp = Output(name="cpSkyMaskedIsr", storageClass="CcdImage", doc="Objects masked.", dimensions=_EXPOSURE)
    outputLevel = Output(
        name="cpSkyLevel", storageClass="StructuredDataDict", doc="Level of the detector.", dimensions=_EXPOSURE
    )


class CpSkyImageConfig(PipelineTaskConfig, pipelineConnections=CpSkyImageConnections):
    """Nothing to choose."""


class CpSkyImageTask(DetectorTask):
    """Mask the objects of one image, and measure the level of its sky."""

    ConfigClass = CpSkyImageConfig
    _DefaultName = "cpSkyImage"

    def run(self, inputExp: CcdImage, detector: Detector) -> Struct:
        """Return image and level, as `maskedExp` and `outputLevel`."""
        masked = mask_objects(inputExp)
        return Struct(maskedExp=masked, outputLevel=focal_plane_levels({detector.name: masked}))


class CpSkyScaleMeasureConnections(PipelineTaskConnections, dimensions=("instrument", "exposure")):
    """The levels of an exposure's detectors, and its scale."""

    inputLevels = Input(
        name="cpSkyLevel",
        storageClass="StructuredDataDict",
        doc="Level of each detector.",
        dimensions=_EXPOSURE,
        multiple=True,
    )
    outputScale = Output(
        name="cpSkyScale",
        storageClass="StructuredDataDict",
        doc="Levels of all detectors, and their median.",
        dimensions=("instrument", "exposure"),
    )


class CpSkyScaleMeasureConfig(PipelineTaskConfig, pipelineConnections=CpSkyScaleMeasureConnections):
    """Nothing to choose."""


class CpSkyScaleMeasureTask(PipelineTask):
    """Measure the scale of one exposure."""

    ConfigClass = CpSkyScaleMeasureConfig
    _DefaultName = "cpSkyScaleMeasure"

    def run(self, inputLevels: Sequence[Mapping[str, float]]) -> Struct:
        """Return levels and scale, as `outputScale`."""
        levels = {name: level for found in inputLevels for name, level in found.items()}
        return Struct(outputScale={"levels": levels, "scale": exposure_scale(levels)})


class CpSkySubtractBackgroundConnections(PipelineTaskConnections, dimensions=_EXPOSURE):
    """An image without objects, its exposure's scale, and what is left of its sky."""

    inputExp = Input(name="cpSkyMaskedIsr", storageClass="CcdImage", doc="Objects masked.", dimensions=_EXPOSURE)
    inputScale = Input(
        name="cpSkyScale",
        storageClass="StructuredDataDict",
        doc="Levels of all detectors, and their median.",
        dimensions=("instrument", "exposure"),
    )
    outputBackground = Output(
        name="cpSkyBackground", storageClass="StructuredDataDict", doc="What is left, in boxes.", dimensions=_EXPOSURE
    )


class CpSkySubtractBackgroundConfig(PipelineTaskConfig, pipelineConnections=CpSkySubtractBackgroundConnections):
    """How finely the sky is measured."""

    backgroundSize: Any = Field(dtype=int, doc="Side of the boxes [pixels].", default=128)


class CpSkySubtractBackgroundTask(DetectorTask):
    """Measure what is left of the sky on one detector."""

    ConfigClass = CpSkySubtractBackgroundConfig
    _DefaultName = "cpSkySubtractBackground"

    def run(self, inputExp: CcdImage, inputScale: Mapping[str, Any], detector: Detector) -> Struct:
        """Return it as plain values, as `outputBackground`."""
        level = inputScale["levels"][detector.name]
        left = relative_sky(inputExp, level, inputScale["scale"], self.config.backgroundSize)
        plain = {"levels": left.levels.tolist(), "numbers": left.numbers.tolist(), "shape": list(left.shape)}
        return Struct(outputBackground=plain)


class CpSkyCombineConnections(PipelineTaskConnections, dimensions=("instrument", "physical_filter", "detector")):
    """What is left of many exposures' skies, and the sky frame."""

    inputBackgrounds = Input(
        name="cpSkyBackground",
        storageClass="StructuredDataDict",
        doc="What is left of each exposure's sky.",
        dimensions=_EXPOSURE,
        multiple=True,
    )
    outputSky = Output(
        name="sky",
        storageClass="CcdImage",
        doc="How an even sky looks.",
        dimensions=("instrument", "physical_filter", "detector"),
        isCalibration=True,
    )


class CpSkyCombineConfig(PipelineTaskConfig, pipelineConnections=CpSkyCombineConnections):
    """Nothing to choose."""


class CpSkyCombineTask(DetectorTask):
    """Average the skies of one detector through one filter."""

    ConfigClass = CpSkyCombineConfig
    _DefaultName = "cpSkyCombine"

    def run(self, inputBackgrounds: Sequence[Mapping[str, Any]], detector: Detector) -> Struct:
        """Return the sky frame, as `outputSky`."""
        skies = [
            Background(
                levels=np.asarray(found["levels"], float),
                numbers=np.asarray(found["numbers"], float),
                shape=(int(found["shape"][0]), int(found["shape"][1])),
            )
            for found in inputBackgrounds
        ]
        return Struct(outputSky=sky_image(average_sky(skies)))
