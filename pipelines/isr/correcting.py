"""The correction of a raw image by its table of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.camera import Detector
from pipelines.image import CcdImage, RawImage
from pipelines.isr.settings import IsrSettings
from pipelines.isr.steps import STEPS
from pipelines.isr.work import Calibrations, Work

if TYPE_CHECKING:
    from pipelines.brighter_fatter import BrighterFatterKernel
    from pipelines.crosstalk import CrosstalkMatrix
    from pipelines.defects import Defects
    from pipelines.linearity import Linearizer
    from pipelines.ptc import PhotonTransferCurve

__all__ = ["correct"]


def correct(
    raw: RawImage,
    detector: Detector,
    settings: IsrSettings,
    *,
    bias: CcdImage | None = None,
    dark: CcdImage | None = None,
    flat: CcdImage | None = None,
    defects: Defects | None = None,
    linearizer: Linearizer | None = None,
    crosstalk: CrosstalkMatrix | None = None,
    bfk: BrighterFatterKernel | None = None,
    fringe: CcdImage | None = None,
    ptc: PhotonTransferCurve | None = None,
) -> CcdImage:
    """Remove what the instrument added to an image.

    Parameters
    ----------
    raw
        As it was read out.
    settings
        Which steps, and how. A calibration that no step asks for is not used.
    bias, dark, flat, fringe
        Combined images of the same size; the dark is of 1 s, the flat's mean is 1.

    Returns
    -------
    CcdImage
        In adu, or electron if gains are applied. The header is the raw image's, with what was done
        (``LSST ISR STEPS``), and of each amplifier (here C00): level and noise of its overscan
        (``LSST ISR OVERSCAN SERIAL MEDIAN C00``, ``LSST ISR OVERSCAN NOISE C00`` [adu]), gain and read noise used
        (``LSST ISR GAIN C00``, ``LSST ISR READNOISE C00`` [electron/adu, electron]), clipped mean and standard
        deviation in the end (``LSST ISR FINAL MEAN C00``, ``LSST ISR FINAL STDEV C00``).

    Raises
    ------
    ValueError
        If a step lacks its calibration, a calibration is of another size, or an amplifier is missing.

    References
    ----------
    lsst/ip_isr: python/lsst/ip/isr/isrTask.py
    """
    calibrations = Calibrations(
        bias=bias,
        dark=dark,
        flat=flat,
        defects=defects,
        linearizer=linearizer,
        crosstalk=crosstalk,
        bfk=bfk,
        fringe=fringe,
        ptc=ptc,
    )
    steps = [step for step in STEPS if step.wanted(settings)]
    lacking = [step for step in steps if step.needs and getattr(calibrations, step.needs) is None]
    if lacking:
        wanted = ", ".join(f"{step.needs} ({step.name})" for step in lacking)
        raise ValueError(f"ISR of {raw.header.get('OBSID', 'an image')} lacks {wanted}; give it, or turn the step off")
    missing = [name for name in detector.amplifiers if name not in raw.amplifiers]
    if missing:
        raise ValueError(f"{detector.name}: amplifier {', '.join(missing)} is missing from the raw image")
    work = Work(
        raw=raw,
        detector=detector,
        settings=settings,
        calibrations=calibrations,
        header={**raw.header, "BUNIT": "adu"},
    )
    for step in steps:
        step.run(work)
    work.image.header = {**work.image.header, **work.header, "LSST ISR STEPS": ", ".join(step.name for step in steps)}
    return work.image
