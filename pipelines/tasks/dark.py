"""Darks without cosmic rays: their pixels are marked, and left out of the combined dark."""

from __future__ import annotations

from lsst.pipe.base import PipelineTaskConfig, PipelineTaskConnections, Struct
from lsst.pipe.base.connectionTypes import Input, Output

from pipelines.camera import Detector
from pipelines.cosmic_rays import CosmicRaySettings, repair_cosmic_rays
from pipelines.image import CcdImage
from pipelines.tasks.quanta import DetectorTask
from pipelines.tasks.settings import chosen, setting

__all__ = ["CpDarkTask"]

_EXPOSURE = ("instrument", "exposure", "detector")


class CpDarkConnections(PipelineTaskConnections, dimensions=_EXPOSURE):
    """A dark, and the same with its cosmic rays marked."""

    inputExp = Input(name="cpDarkISR", storageClass="CcdImage", doc="Corrected dark.", dimensions=_EXPOSURE)
    outputExp = Output(name="cpDarkProc", storageClass="CcdImage", doc="Dark with rays marked.", dimensions=_EXPOSURE)


class CpDarkConfig(PipelineTaskConfig, pipelineConnections=CpDarkConnections):
    """What a cosmic ray is."""

    psfFwhm = setting(CosmicRaySettings, "fwhm")
    crGrow = setting(CosmicRaySettings, "grow")
    minSigma = setting(CosmicRaySettings, "min_sigma")
    minSum = setting(CosmicRaySettings, "min_sum")
    nCrPixelMax = setting(CosmicRaySettings, "max_pixels")
    nIteration = setting(CosmicRaySettings, "passes")


class CpDarkTask(DetectorTask):
    """Mark the cosmic rays of one dark."""

    ConfigClass = CpDarkConfig
    _DefaultName = "cpDark"

    def run(self, inputExp: CcdImage, detector: Detector) -> Struct:
        """Return the dark, as `outputExp`."""
        image = inputExp.copy()
        in_electrons = image.header.get("BUNIT", "adu") == "electron"
        gains = [amplifier.gain for amplifier in detector.amplifiers.values()]
        gain = 1.0 if in_electrons else sum(gains) / len(gains)
        rays = repair_cosmic_rays(image, chosen(self.config, CosmicRaySettings), gain=gain)
        self.log.info("%d cosmic rays", rays.number)
        return Struct(outputExp=image)
