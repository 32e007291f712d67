"""Linearity, from a photon transfer curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lsst.pipe.base import PipelineTaskConfig, PipelineTaskConnections, Struct
from lsst.pipe.base.connectionTypes import Input, Output, PrerequisiteInput

from pipelines.camera import Detector
from pipelines.linearity import KINDS, LinearitySettings, solve_linearity
from pipelines.ptc import PhotonTransferCurve
from pipelines.tasks.quanta import DetectorTask
from pipelines.tasks.settings import chosen, setting

__all__ = ["LinearitySolveTask"]


class LinearitySolveConnections(PipelineTaskConnections, dimensions=("instrument", "detector")):
    """A curve, valid at the time of some exposure, and the linearizer."""

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
    outputLinearizer = Output(
        name="linearity",
        storageClass="CcdLinearizer",
        doc="What makes counts proportional to light.",
        dimensions=("instrument", "detector"),
        isCalibration=True,
    )


class LinearitySolveConfig(PipelineTaskConfig, pipelineConnections=LinearitySolveConnections):
    """How the correction is found."""

    linearityType = setting(LinearitySettings, "kind", tuple(KINDS))
    polynomialOrder = setting(LinearitySettings, "order")
    splineKnots = setting(LinearitySettings, "knots")
    minLinearAdu = setting(LinearitySettings, "minimum")
    maxLinearAdu = setting(LinearitySettings, "maximum")
    nSigmaClipLinear = setting(LinearitySettings, "clip_limit")
    ignorePtcMask = setting(LinearitySettings, "ignore_ptc_mask")


class LinearitySolveTask(DetectorTask):
    """Find what makes a detector's counts proportional to light."""

    ConfigClass = LinearitySolveConfig
    _DefaultName = "cpLinearitySolve"

    def run(self, dummy: Sequence[Any], inputPtc: PhotonTransferCurve, detector: Detector) -> Struct:
        """Return the linearizer, as `outputLinearizer`."""
        return Struct(outputLinearizer=solve_linearity(inputPtc, chosen(self.config, LinearitySettings)))
