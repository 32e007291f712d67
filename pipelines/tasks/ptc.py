"""Photon transfer curves: pairs of flats measured, and the curve fitted to them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from lsst.daf.butler import DatasetRef, DeferredDatasetHandle
from lsst.pex.config import Field
from lsst.pipe.base import (
    InputQuantizedConnection,
    NoWorkFound,
    OutputQuantizedConnection,
    PipelineTaskConfig,
    PipelineTaskConnections,
    QuantumContext,
    Struct,
)
from lsst.pipe.base.connectionTypes import Input, Output

from pipelines.camera import Detector
from pipelines.ptc import (
    FIT_TYPES,
    GAIN_CORRECTIONS,
    ExtractSettings,
    FlatPair,
    Pairing,
    SolveSettings,
    extract,
    noise_disagreements,
    pair_by_number,
    pair_by_value,
    solve,
)
from pipelines.tasks.quanta import DetectorTask, by_exposure, detector_of, exposure_of
from pipelines.tasks.settings import chosen, setting

__all__ = ["PhotonTransferCurveExtractTask", "PhotonTransferCurveSolveTask"]

_EXPOSURE = ("instrument", "exposure", "detector")


class PhotonTransferCurveExtractConnections(PipelineTaskConnections, dimensions=("instrument", "detector")):
    """Flats, and what pairs of them tell; a pair's is kept at its first exposure."""

    inputExp = Input(
        name="ptcInputExposurePairs",
        storageClass="CcdImage",
        doc="Corrected flats.",
        dimensions=_EXPOSURE,
        multiple=True,
        deferLoad=True,
    )
    outputCovariances = Output(
        name="ptcCovariances",
        storageClass="CcdFlatPair",
        doc="Means and covariances of a pair.",
        dimensions=_EXPOSURE,
        multiple=True,
    )


class PhotonTransferCurveExtractConfig(PipelineTaskConfig, pipelineConnections=PhotonTransferCurveExtractConnections):
    """How pairs are found and measured."""

    matchByExposureId: Any = Field(
        dtype=bool, doc="Pair exposures that follow each other, not those of equal time.", default=False
    )
    pairsAtATime: Any = Field(
        dtype=int,
        doc="How many pairs are measured at a time, by as many threads.",
        default=2,
        check=lambda number: number > 0,
    )
    maximumRangeCovariancesAstier = setting(ExtractSettings, "lags")
    nSigmaClipPtc = setting(ExtractSettings, "clip_limit")
    nIterSigmaClipPtc = setting(ExtractSettings, "clip_passes")
    minNumberGoodPixelsForCovariance = setting(ExtractSettings, "minimum_pixels")
    numEdgeSuspect = setting(ExtractSettings, "edge")
    gainCorrectionType = setting(ExtractSettings, "gain_correction", GAIN_CORRECTIONS)
    maskNameList = setting(ExtractSettings, "bad_planes")


class PhotonTransferCurveExtractTask(DetectorTask):
    """Measure pairs of flats."""

    ConfigClass = PhotonTransferCurveExtractConfig
    _DefaultName = "cpPtcExtract"

    def runQuantum(
        self,
        butlerQC: QuantumContext,
        inputRefs: InputQuantizedConnection,
        outputRefs: OutputQuantizedConnection,
    ) -> None:
        """Read two flats at a time, and write what they tell at the first of them."""
        places: dict[int, DatasetRef] = {exposure_of(ref): ref for ref in outputRefs.outputCovariances}
        handles = by_exposure(butlerQC.get(inputRefs.inputExp))
        found = self.run(handles, detector_of(butlerQC.quantum.dataId))
        for pair in found.outputCovariances:
            butlerQC.put(pair, places[pair.pair.first])

    def run(self, inputExp: Sequence[DeferredDatasetHandle], detector: Detector) -> Struct:
        """Return one `FlatPair` for each pair, as `outputCovariances`."""
        flats = {exposure_of(handle): handle for handle in inputExp}
        times = {exposure: float(handle.get(component="header")["EXPTIME"]) for exposure, handle in flats.items()}
        found: Pairing = (pair_by_number if self.config.matchByExposureId else pair_by_value)(times)
        if found.single:
            self.log.warning("Exposures without a partner are left out: %s", ", ".join(map(str, found.single)))
        if not found.pairs:
            raise NoWorkFound("no two flats are of equal exposure time; take them in pairs")
        settings, together = chosen(self.config, ExtractSettings), self.config.pairsAtATime
        pairs: list[FlatPair] = []
        with ThreadPoolExecutor(together) as pool:  # arrays leave other threads room; a butler is read by one alone
            for start in range(0, len(found.pairs), together):
                read = [
                    (flats[pair.first].get(), flats[pair.second].get(), pair)
                    for pair in found.pairs[start : start + together]
                ]
                pairs += pool.map(lambda each: extract(each[0], each[1], each[2], detector, settings), read)
        return Struct(outputCovariances=pairs)


class PhotonTransferCurveSolveConnections(PipelineTaskConnections, dimensions=("instrument", "detector")):
    """What pairs tell, and the curve."""

    inputCovariances = Input(
        name="ptcCovariances",
        storageClass="CcdFlatPair",
        doc="Means and covariances of pairs.",
        dimensions=_EXPOSURE,
        multiple=True,
    )
    outputPtcDataset = Output(
        name="ptcDatasetProposal",
        storageClass="CcdPhotonTransferCurve",
        doc="Photon transfer curve.",
        dimensions=("instrument", "detector"),
        isCalibration=True,
    )


class PhotonTransferCurveSolveConfig(PipelineTaskConfig, pipelineConnections=PhotonTransferCurveSolveConnections):
    """How the curve is fitted."""

    ptcFitType = setting(SolveSettings, "fit_type", FIT_TYPES)
    maximumRangeCovariancesAstier = setting(SolveSettings, "lags")
    maxSignalInitialPtcOutlierFit = setting(SolveSettings, "first_signal")
    sigmaCutPtcOutliers = setting(SolveSettings, "outlier_limit")
    maxIterationsPtcOutliers = setting(SolveSettings, "outlier_passes")
    maxDeltaInitialPtcOutlierFit = setting(SolveSettings, "largest_jump")


class PhotonTransferCurveSolveTask(DetectorTask):
    """Fit the curve of one detector."""

    ConfigClass = PhotonTransferCurveSolveConfig
    _DefaultName = "cpPtcSolve"

    def run(self, inputCovariances: Sequence[FlatPair], detector: Detector) -> Struct:
        """Return the curve, as `outputPtcDataset`."""
        curve = solve(inputCovariances, chosen(self.config, SolveSettings))
        for name in curve.bad_amps:
            self.log.warning("%s has no curve: too few pairs that fit", name)
        for name, part in noise_disagreements(curve).items():
            self.log.warning("Read noise of %s is %+.1f %% off the overscan's", name, 100.0 * part)
        return Struct(outputPtcDataset=curve)
