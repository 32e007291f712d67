"""Instrument signature removal: from a raw image to one of what fell on the detector."""

from __future__ import annotations

from typing import Any

from lsst.pex.config import Config, ConfigField
from lsst.pipe.base import PipelineTaskConfig, PipelineTaskConnections, Struct
from lsst.pipe.base.connectionTypes import Input, Output, PrerequisiteInput

from pipelines.camera import Detector
from pipelines.image import RawImage
from pipelines.isr import FIT_TYPES, IsrSettings, OverscanSettings, correct
from pipelines.tasks.quanta import DetectorTask
from pipelines.tasks.settings import chosen, setting

__all__ = ["IsrConfig", "IsrConnections", "IsrTask", "OverscanConfig"]

_DETECTOR = ("instrument", "detector")
_BY_FILTER = ("instrument", "physical_filter", "detector")
_EXPOSURE = ("instrument", "exposure", "detector")


def _calibration(name: str, storage: str, doc: str, dimensions: tuple[str, ...] = _DETECTOR) -> PrerequisiteInput:
    return PrerequisiteInput(name=name, storageClass=storage, doc=doc, dimensions=dimensions, isCalibration=True)


_NEEDED_BY = {
    "bias": ("doBias",),
    "dark": ("doDark",),
    "flat": ("doFlat",),
    "fringe": ("doFringe",),
    "defects": ("doDefect",),
    "linearizer": ("doLinearize",),
    "crosstalk": ("doCrosstalk",),
    "bfk": ("doBrighterFatter",),
    "ptc": ("usePtcGains", "usePtcReadNoise"),
}
"""Options any of which asks for a calibration; without them it is not looked for."""


class IsrConnections(PipelineTaskConnections, dimensions=_EXPOSURE):
    """A raw image, the calibrations that its correction asks for, and the corrected image."""

    ccdExposure = Input(name="raw", storageClass="RawImage", doc="Image as it was read out.", dimensions=_EXPOSURE)
    bias = _calibration("bias", "CcdImage", "Combined bias.")
    dark = _calibration("dark", "CcdImage", "Combined dark of one second.")
    flat = _calibration("flat", "CcdImage", "Combined flat of the filter.", _BY_FILTER)
    fringe = _calibration("fringe", "CcdImage", "Combined fringes of the filter.", _BY_FILTER)
    defects = _calibration("defects", "CcdDefects", "Bad parts of the detector.")
    linearizer = _calibration("linearity", "CcdLinearizer", "What makes counts proportional to light.")
    crosstalk = _calibration("crosstalk", "CcdCrosstalkMatrix", "What amplifiers add to each other.")
    bfk = _calibration("bfk", "CcdBrighterFatterKernel", "How charge repels charge.")
    ptc = _calibration("ptc", "CcdPhotonTransferCurve", "Gains and read noises.")
    outputExposure = Output(
        name="postISRCCD", storageClass="CcdImage", doc="Corrected and assembled image.", dimensions=_EXPOSURE
    )

    def __init__(self, *, config: Any = None) -> None:
        super().__init__(config=config)
        for calibration, options in _NEEDED_BY.items():
            if not any(getattr(config, option) for option in options):
                delattr(self, calibration)


class OverscanConfig(Config):
    """How the level of an amplifier is found in its overscan."""

    fitType = setting(OverscanSettings, "fit_type", FIT_TYPES)
    order = setting(OverscanSettings, "order")
    numSigmaClip = setting(OverscanSettings, "num_sigma_clip")
    overscanIsInt = setting(OverscanSettings, "overscan_is_int")
    maxDeviation = setting(OverscanSettings, "max_deviation")
    leadingToSkip = setting(OverscanSettings, "leading_to_skip")
    trailingToSkip = setting(OverscanSettings, "trailing_to_skip")
    doParallelOverscan = setting(OverscanSettings, "do_parallel_overscan")
    parallelOverscanSaturationLevel = setting(OverscanSettings, "parallel_overscan_saturation_level")
    parallelOverscanMaskGrowSize = setting(OverscanSettings, "parallel_overscan_mask_grow_size")


class IsrConfig(PipelineTaskConfig, pipelineConnections=IsrConnections):
    """What is corrected, and how."""

    overscan: Any = ConfigField(dtype=OverscanConfig, doc="How the level of an amplifier is found in its overscan.")
    doSaturation = setting(IsrSettings, "do_saturation")
    saturation = setting(IsrSettings, "saturation")
    growSaturationFootprintSize = setting(IsrSettings, "grow_saturation_footprint_size")
    doOverscan = setting(IsrSettings, "do_overscan")
    doBias = setting(IsrSettings, "do_bias")
    doVariance = setting(IsrSettings, "do_variance")
    doEmpiricalReadNoise = setting(IsrSettings, "do_empirical_read_noise")
    usePtcGains = setting(IsrSettings, "use_ptc_gains")
    usePtcReadNoise = setting(IsrSettings, "use_ptc_read_noise")
    doLinearize = setting(IsrSettings, "do_linearize")
    doCrosstalk = setting(IsrSettings, "do_crosstalk")
    doDefect = setting(IsrSettings, "do_defect")
    doNanMasking = setting(IsrSettings, "do_nan_masking")
    doBrighterFatter = setting(IsrSettings, "do_brighter_fatter")
    brighterFatterMaxIter = setting(IsrSettings, "brighter_fatter_max_iter")
    brighterFatterThreshold = setting(IsrSettings, "brighter_fatter_threshold")
    doDark = setting(IsrSettings, "do_dark")
    doFringe = setting(IsrSettings, "do_fringe")
    doFlat = setting(IsrSettings, "do_flat")
    doApplyGains = setting(IsrSettings, "do_apply_gains")
    doSetBadRegions = setting(IsrSettings, "do_set_bad_regions")
    doInterpolate = setting(IsrSettings, "do_interpolate")
    maskListToInterpolate = setting(IsrSettings, "mask_list_to_interpolate")
    doStandardStatistics = setting(IsrSettings, "do_standard_statistics")


class IsrTask(DetectorTask):
    """Correct one raw image."""

    ConfigClass = IsrConfig
    _DefaultName = "isr"

    def run(self, ccdExposure: RawImage, detector: Detector, **calibrations: Any) -> Struct:
        """Return the image, as `outputExposure`."""
        settings = chosen(self.config, IsrSettings, overscan=chosen(self.config.overscan, OverscanSettings))
        image = correct(ccdExposure, detector, settings, **calibrations)
        if settings.do_empirical_read_noise:
            for name in detector.amplifiers:
                noise = image.header.get(f"LSST ISR OVERSCAN NOISE {name}")
                self.log.info("Empirical read noise of %s: %s adu", name, noise)
        return Struct(outputExposure=image)
