"""The fringe pattern in one exposure of the sky."""

from __future__ import annotations

from lsst.pipe.base import PipelineTaskConfig, PipelineTaskConnections, Struct
from lsst.pipe.base.connectionTypes import Input, Output

from pipelines.camera import Detector
from pipelines.fringe import FringeSettings, relative_fringes
from pipelines.image import CcdImage
from pipelines.tasks.quanta import DetectorTask
from pipelines.tasks.settings import chosen, setting

__all__ = ["CpFringeTask"]

_EXPOSURE = ("instrument", "exposure", "detector")


class CpFringeConnections(PipelineTaskConnections, dimensions=_EXPOSURE):
    """A corrected image of the sky, and its fringes relative to its level."""

    inputExp = Input(name="cpFringeISR", storageClass="CcdImage", doc="Corrected image.", dimensions=_EXPOSURE)
    outputExp = Output(name="cpFringeProc", storageClass="CcdImage", doc="Relative fringes.", dimensions=_EXPOSURE)


class CpFringeConfig(PipelineTaskConfig, pipelineConnections=CpFringeConnections):
    """How the pattern is found."""

    backgroundSize = setting(FringeSettings, "background_size")
    detectSigma = setting(FringeSettings, "width")
    detectThreshold = setting(FringeSettings, "threshold")
    detectGrow = setting(FringeSettings, "grow")


class CpFringeTask(DetectorTask):
    """Find the fringes of one exposure."""

    ConfigClass = CpFringeConfig
    _DefaultName = "cpFringe"

    def run(self, inputExp: CcdImage, detector: Detector) -> Struct:
        """Return the relative fringes, as `outputExp`."""
        return Struct(outputExp=relative_fringes(inputExp, chosen(self.config, FringeSettings)))
