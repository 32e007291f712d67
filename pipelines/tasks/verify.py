"""Verification: each exposure measured and tested, then merged by exposure, then by run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from lsst.pex.config import ChoiceField
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
from pipelines.image import CcdImage
from pipelines.tasks.quanta import DetectorTask, detector_of, exposure_of, kind_of
from pipelines.tasks.settings import chosen, setting
from pipelines.verify import (
    KINDS,
    MeasureSettings,
    Tolerances,
    merge_detectors,
    merge_exposures,
    verify_detector,
)

__all__ = [
    "CpVerifyBiasTask",
    "CpVerifyDarkTask",
    "CpVerifyDefectsTask",
    "CpVerifyExpMergeTask",
    "CpVerifyFlatTask",
    "CpVerifyRunMergeTask",
]

_EXPOSURE = ("instrument", "exposure", "detector")


class CpVerifyConnections(PipelineTaskConnections, dimensions=_EXPOSURE):
    """A corrected image, and what it shows."""

    inputExp = Input(name="verifyProc", storageClass="CcdImage", doc="Corrected image.", dimensions=_EXPOSURE)
    outputStats = Output(
        name="verifyDetStats", storageClass="StructuredDataDict", doc="Statistics and tests.", dimensions=_EXPOSURE
    )


class CpVerifyConfig(PipelineTaskConfig, pipelineConnections=CpVerifyConnections):
    """How far from what is expected is still good."""

    noiseTolerance = setting(Tolerances, "noise")
    twoSided = setting(Tolerances, "two_sided")
    cosmicRayTolerance = setting(Tolerances, "cosmic_rays")
    scatterTolerance = setting(Tolerances, "scatter")
    numSigmaClip = setting(MeasureSettings, "clip")
    clipMaxIter = setting(MeasureSettings, "iterations")
    maskNameList = setting(MeasureSettings, "ignored")


class CpVerifyTask(DetectorTask):
    """Measure and test one image."""

    ConfigClass = CpVerifyConfig
    _DefaultName = "cpVerify"
    kind: ClassVar[str] = ""

    def runQuantum(
        self,
        butlerQC: QuantumContext,
        inputRefs: InputQuantizedConnection,
        outputRefs: OutputQuantizedConnection,
    ) -> None:
        """Read the image, run, write the results."""
        image = butlerQC.get(inputRefs.inputExp)
        found = self.run(image, detector_of(butlerQC.quantum.dataId), self.kind or kind_of(inputRefs.inputExp))
        butlerQC.put(found, outputRefs)

    def run(self, inputExp: CcdImage, detector: Detector, kind: str) -> Struct:
        """Return the results, as `outputStats`."""
        tolerances, settings = chosen(self.config, Tolerances), chosen(self.config, MeasureSettings)
        return Struct(outputStats=verify_detector(inputExp, detector, kind, tolerances, settings))


class CpVerifyBiasTask(CpVerifyTask):
    """What a bias must do."""

    _DefaultName = "cpVerifyBias"
    kind = "bias"


class CpVerifyDarkTask(CpVerifyTask):
    """What a dark must do."""

    _DefaultName = "cpVerifyDark"
    kind = "dark"


class CpVerifyFlatTask(CpVerifyTask):
    """What a flat must do."""

    _DefaultName = "cpVerifyFlat"
    kind = "flat"


class CpVerifyDefectsTask(CpVerifyTask):
    """What is left of an image when its defects are masked must do what its own kind must."""

    _DefaultName = "cpVerifyDefects"


class CpVerifyExpMergeConnections(PipelineTaskConnections, dimensions=("instrument", "exposure")):
    """The results of an exposure's detectors, merged."""

    inputStats = Input(
        name="verifyDetStats",
        storageClass="StructuredDataDict",
        doc="Results of each detector.",
        dimensions=_EXPOSURE,
        multiple=True,
    )
    outputStats = Output(
        name="verifyExpStats",
        storageClass="StructuredDataDict",
        doc="Results of the exposure.",
        dimensions=("instrument", "exposure"),
    )


class CpVerifyExpMergeConfig(PipelineTaskConfig, pipelineConnections=CpVerifyExpMergeConnections):
    """Nothing to choose."""


class CpVerifyExpMergeTask(PipelineTask):
    """Merge the results of an exposure's detectors."""

    ConfigClass = CpVerifyExpMergeConfig
    _DefaultName = "cpVerifyExpMerge"

    def runQuantum(
        self,
        butlerQC: QuantumContext,
        inputRefs: InputQuantizedConnection,
        outputRefs: OutputQuantizedConnection,
    ) -> None:
        """Read the results, run, write the merged ones."""
        refs: Any = inputRefs.inputStats
        names = [detector_of(ref.dataId).name for ref in refs]
        results = dict(zip(names, butlerQC.get(refs), strict=True))
        butlerQC.put(self.run({name: results[name] for name in sorted(results)}), outputRefs)

    def run(self, inputStats: Mapping[str, Mapping[str, Any]]) -> Struct:
        """Return the results of an exposure, by detector, as `outputStats`."""
        return Struct(outputStats=merge_detectors(inputStats))


class CpVerifyRunMergeConnections(PipelineTaskConnections, dimensions=("instrument",)):
    """The results of a run's exposures, merged."""

    inputStats = Input(
        name="verifyExpStats",
        storageClass="StructuredDataDict",
        doc="Results of each exposure.",
        dimensions=("instrument", "exposure"),
        multiple=True,
    )
    outputStats = Output(
        name="verifyStats", storageClass="StructuredDataDict", doc="Results of the run.", dimensions=("instrument",)
    )


class CpVerifyRunMergeConfig(PipelineTaskConfig, pipelineConnections=CpVerifyRunMergeConnections):
    """What a run is held to beside its exposures' own tests."""

    calibrationType: Any = ChoiceField(
        dtype=str,
        doc="Flats are also held to each other.",
        default="bias",
        allowed={kind: kind for kind in KINDS},
    )
    levelTolerance = setting(Tolerances, "level")


class CpVerifyRunMergeTask(PipelineTask):
    """Merge the results of a run's exposures."""

    config: Any
    ConfigClass = CpVerifyRunMergeConfig
    _DefaultName = "cpVerifyRunMerge"

    def runQuantum(
        self,
        butlerQC: QuantumContext,
        inputRefs: InputQuantizedConnection,
        outputRefs: OutputQuantizedConnection,
    ) -> None:
        """Read the results, run, write the merged ones."""
        refs: Any = inputRefs.inputStats
        results = dict(zip(map(exposure_of, refs), butlerQC.get(refs), strict=True))
        butlerQC.put(self.run({exposure: results[exposure] for exposure in sorted(results)}), outputRefs)

    def run(self, inputStats: Mapping[int, Mapping[str, Any]]) -> Struct:
        """Return the results of the run, by exposure, as `outputStats`."""
        tolerances = chosen(self.config, Tolerances)
        return Struct(outputStats=merge_exposures(inputStats, self.config.calibrationType, tolerances))
