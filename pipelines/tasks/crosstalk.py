"""Crosstalk: measured in exposures of bright stars, then averaged."""

from __future__ import annotations

from collections.abc import Sequence

from lsst.pipe.base import PipelineTaskConfig, PipelineTaskConnections, Struct
from lsst.pipe.base.connectionTypes import Input, Output

from pipelines.camera import Detector
from pipelines.crosstalk import CrosstalkRatios, CrosstalkSettings, extract_ratios, solve_crosstalk
from pipelines.image import CcdImage
from pipelines.tasks.quanta import DetectorTask
from pipelines.tasks.settings import chosen, setting

__all__ = ["CrosstalkExtractTask", "CrosstalkSolveTask"]

_EXPOSURE = ("instrument", "exposure", "detector")


class CrosstalkExtractConnections(PipelineTaskConnections, dimensions=_EXPOSURE):
    """A corrected image, and the ratios that it shows."""

    inputExp = Input(name="crosstalkInputs", storageClass="CcdImage", doc="Corrected image.", dimensions=_EXPOSURE)
    outputRatios = Output(
        name="crosstalkRatios", storageClass="CcdCrosstalkRatios", doc="Ratios of pixels.", dimensions=_EXPOSURE
    )


class CrosstalkExtractConfig(PipelineTaskConfig, pipelineConnections=CrosstalkExtractConnections):
    """What is a source."""

    threshold = setting(CrosstalkSettings, "threshold")
    grow = setting(CrosstalkSettings, "grow")
    faintest = setting(CrosstalkSettings, "faintest")
    wings = setting(CrosstalkSettings, "wings")
    backgroundSize = setting(CrosstalkSettings, "background_size")


class CrosstalkExtractTask(DetectorTask):
    """Measure the crosstalk of one image."""

    ConfigClass = CrosstalkExtractConfig
    _DefaultName = "cpCrosstalkExtract"

    def run(self, inputExp: CcdImage, detector: Detector) -> Struct:
        """Return the ratios, as `outputRatios`."""
        return Struct(outputRatios=extract_ratios(inputExp, detector, chosen(self.config, CrosstalkSettings)))


class CrosstalkSolveConnections(PipelineTaskConnections, dimensions=("instrument", "detector")):
    """The ratios of many images, and the matrix."""

    inputRatios = Input(
        name="crosstalkRatios",
        storageClass="CcdCrosstalkRatios",
        doc="Ratios of pixels of each image.",
        dimensions=_EXPOSURE,
        multiple=True,
    )
    outputCrosstalk = Output(
        name="crosstalk",
        storageClass="CcdCrosstalkMatrix",
        doc="What amplifiers add to each other.",
        dimensions=("instrument", "detector"),
        isCalibration=True,
    )


class CrosstalkSolveConfig(PipelineTaskConfig, pipelineConnections=CrosstalkSolveConnections):
    """How ratios are averaged."""

    rejSigma = setting(CrosstalkSettings, "clip_limit")
    rejIter = setting(CrosstalkSettings, "clip_passes")
    significanceLimit = setting(CrosstalkSettings, "significance")


class CrosstalkSolveTask(DetectorTask):
    """Average the crosstalk of one detector."""

    ConfigClass = CrosstalkSolveConfig
    _DefaultName = "cpCrosstalkSolve"

    def run(self, inputRatios: Sequence[CrosstalkRatios], detector: Detector) -> Struct:
        """Return the matrix, as `outputCrosstalk`."""
        matrix = solve_crosstalk(inputRatios, detector, chosen(self.config, CrosstalkSettings))
        self.log.info("%d of %d coefficients are significant", matrix.valid.sum(), matrix.valid.size)
        return Struct(outputCrosstalk=matrix)
