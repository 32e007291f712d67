"""Brighter-fatter kernels, from a photon transfer curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lsst.pipe.base import PipelineTaskConfig, PipelineTaskConnections, Struct
from lsst.pipe.base.connectionTypes import Input, Output, PrerequisiteInput

from pipelines.brighter_fatter import LEVELS, SOURCES, KernelSettings, solve_kernel
from pipelines.camera import Detector
from pipelines.ptc import PhotonTransferCurve
from pipelines.tasks.quanta import DetectorTask
from pipelines.tasks.settings import chosen, setting

__all__ = ["BrighterFatterKernelSolveTask"]


class BrighterFatterKernelSolveConnections(PipelineTaskConnections, dimensions=("instrument", "detector")):
    """A curve, valid at the time of some exposure, and the kernels."""

    dummy = Input(
        name="raw",
        storageClass="RawImage",
        doc="Any exposure at whose time the curve is valid; its pixels are not read.",
        dimensions=("instrument", "exposure", "detector"),
        multiple=True,
        deferLoad=True,
    )
    inputPtc = PrerequisiteInput(
        name="ptc",
        storageClass="CcdPhotonTransferCurve",
        doc="Photon transfer curve.",
        dimensions=("instrument", "detector"),
        isCalibration=True,
    )
    outputBFK = Output(
        name="brighterFatterKernel",
        storageClass="CcdBrighterFatterKernel",
        doc="How charge repels charge.",
        dimensions=("instrument", "detector"),
        isCalibration=True,
    )


class BrighterFatterKernelSolveConfig(PipelineTaskConfig, pipelineConnections=BrighterFatterKernelSolveConnections):
    """How kernels are made."""

    level = setting(KernelSettings, "level", tuple(LEVELS))
    source = setting(KernelSettings, "source", tuple(SOURCES))
    covarianceRange = setting(KernelSettings, "lags")
    nSigmaClip = setting(KernelSettings, "clip_limit")
    xcorrCheckRejectLevel = setting(KernelSettings, "reject_level")


class BrighterFatterKernelSolveTask(DetectorTask):
    """Find the kernels of one detector."""

    ConfigClass = BrighterFatterKernelSolveConfig
    _DefaultName = "cpBfkMeasure"

    def run(self, dummy: Sequence[Any], inputPtc: PhotonTransferCurve, detector: Detector) -> Struct:
        """Return the kernels, as `outputBFK`."""
        kernel = solve_kernel(inputPtc, chosen(self.config, KernelSettings))
        for name, valid in kernel.valid.items():
            if not valid:
                self.log.warning("The kernel of %s is not valid", name)
        return Struct(outputBFK=kernel)
