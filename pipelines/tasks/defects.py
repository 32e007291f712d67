"""Bad parts of a detector: measured in each exposure, then agreed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lsst.daf.butler import DeferredDatasetHandle
from lsst.pipe.base import (
    InputQuantizedConnection,
    OutputQuantizedConnection,
    PipelineTaskConfig,
    PipelineTaskConnections,
    QuantumContext,
    Struct,
)
from lsst.pipe.base.connectionTypes import Input, Output

from pipelines.camera import Detector
from pipelines.defects import (
    MERGES,
    ColumnRules,
    Defects,
    DefectSettings,
    MergeSettings,
    measure_defects,
    merge_defects,
)
from pipelines.image import CcdImage
from pipelines.plain import each, record
from pipelines.tasks.quanta import DetectorTask, by_exposure, detector_of, kind_of
from pipelines.tasks.settings import chosen, setting

__all__ = ["FrameDefects", "MeasureDefectsTask", "MergeDefectsTask"]

_EXPOSURE = ("instrument", "exposure", "detector")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameDefects:
    """What one exposure shows: its `kind`, its `shape` (rows, columns), and its bad pixels."""

    kind: str
    shape: tuple[int, int]
    defects: Defects

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {"kind": self.kind, "shape": list(self.shape), "defects": self.defects.as_dict()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> FrameDefects:
        """Return what `as_dict` wrote down; ValueError says what is wrong."""
        found = record(data, "defects of an exposure", ("kind", "shape", "defects"))
        rows, columns = found["shape"]
        defects = Defects.from_dict(each(found["defects"], "defects of an exposure"))
        return cls(kind=str(found["kind"]), shape=(int(rows), int(columns)), defects=defects)


class MeasureDefectsConnections(PipelineTaskConnections, dimensions=_EXPOSURE):
    """A corrected image, and its bad pixels."""

    inputExp = Input(name="defectExps", storageClass="CcdImage", doc="Corrected image.", dimensions=_EXPOSURE)
    outputDefects = Output(
        name="singleExpDefects", storageClass="CcdFrameDefects", doc="Its bad pixels.", dimensions=_EXPOSURE
    )


class MeasureDefectsConfig(PipelineTaskConfig, pipelineConnections=MeasureDefectsConnections):
    """What is bad."""

    thresholdType = setting(DefectSettings, "threshold", ("STDEV", "VALUE"))
    nSigmaBright = setting(DefectSettings, "bright_sigma")
    nSigmaDark = setting(DefectSettings, "dark_sigma")
    darkCurrentThreshold = setting(DefectSettings, "dark_current")
    biasThreshold = setting(DefectSettings, "bias_level")
    fracThresholdFlat = setting(DefectSettings, "flat_fraction")
    windowFlat = setting(DefectSettings, "window")
    badOnAndOffPixelColumnThreshold = setting(ColumnRules, "bad")
    goodPixelColumnGapThreshold = setting(ColumnRules, "gap")
    badPixelsToFillColumnThreshold = setting(ColumnRules, "whole")
    saturatedPixelsToFillColumnThreshold = setting(ColumnRules, "saturated")
    saturatedColumnDilationRadius = setting(ColumnRules, "saturated_neighbours")


class MeasureDefectsTask(DetectorTask):
    """Measure the bad pixels of one image."""

    ConfigClass = MeasureDefectsConfig
    _DefaultName = "measureDefects"

    def runQuantum(
        self,
        butlerQC: QuantumContext,
        inputRefs: InputQuantizedConnection,
        outputRefs: OutputQuantizedConnection,
    ) -> None:
        """Read the image, run, write the defects."""
        image = butlerQC.get(inputRefs.inputExp)
        found = self.run(image, detector_of(butlerQC.quantum.dataId), kind_of(inputRefs.inputExp))
        butlerQC.put(found, outputRefs)

    def run(self, inputExp: CcdImage, detector: Detector, kind: str) -> Struct:
        """Return the bad pixels, as `outputDefects`.

        By its scatter, whatever is no dark is judged on both sides, as lsst/cp_pipe did in 2021.
        """
        settings = chosen(self.config, DefectSettings, columns=chosen(self.config, ColumnRules))
        rule = kind if settings.threshold == "VALUE" or kind == "dark" else "flat"
        defects = Defects.from_mask(measure_defects(inputExp, detector, rule, settings))
        self.log.info("%d defects in a %s", len(defects.boxes), kind)
        return Struct(outputDefects=FrameDefects(kind=kind, shape=inputExp.shape, defects=defects))


class MergeDefectsConnections(PipelineTaskConnections, dimensions=("instrument", "detector")):
    """Bad pixels of many exposures, and those they agree on."""

    inputDefects = Input(
        name="singleExpDefects",
        storageClass="CcdFrameDefects",
        doc="Bad pixels of each exposure.",
        dimensions=_EXPOSURE,
        multiple=True,
        deferLoad=True,
    )
    mergedDefects = Output(
        name="defects",
        storageClass="CcdDefects",
        doc="Bad parts of the detector.",
        dimensions=("instrument", "detector"),
        isCalibration=True,
    )


class MergeDefectsConfig(PipelineTaskConfig, pipelineConnections=MergeDefectsConnections):
    """How exposures vote."""

    combinationMode = setting(MergeSettings, "combination", tuple(MERGES))
    combinationFraction = setting(MergeSettings, "fraction")
    nPixBorder = setting(MergeSettings, "edge")


class MergeDefectsTask(DetectorTask):
    """Find the defects that exposures agree on."""

    ConfigClass = MergeDefectsConfig
    _DefaultName = "mergeDefects"

    def run(self, inputDefects: Sequence[DeferredDatasetHandle], detector: Detector) -> Struct:
        """Return the defects, as `mergedDefects`."""
        frames: Any = (handle.get() for handle in by_exposure(inputDefects))
        votes = ((frame.kind, frame.defects.mask(frame.shape)) for frame in frames)
        merged = merge_defects(votes, chosen(self.config, MergeSettings))
        self.log.info("%s has %d defects", detector.name, len(merged.boxes))
        return Struct(mergedDefects=merged)
