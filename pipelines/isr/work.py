"""An image on its way through the steps of its correction, and what it may be corrected with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipelines.camera import Detector
from pipelines.image import CcdImage, Float, RawImage
from pipelines.isr.settings import IsrSettings

if TYPE_CHECKING:
    from pipelines.brighter_fatter import BrighterFatterKernel
    from pipelines.crosstalk import CrosstalkMatrix
    from pipelines.defects import Defects
    from pipelines.linearity import Linearizer
    from pipelines.ptc import PhotonTransferCurve

__all__ = ["Calibrations", "Work"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrations:
    """What a raw image may be corrected with."""

    bias: CcdImage | None = None
    dark: CcdImage | None = None
    flat: CcdImage | None = None
    defects: Defects | None = None
    linearizer: Linearizer | None = None
    crosstalk: CrosstalkMatrix | None = None
    bfk: BrighterFatterKernel | None = None
    fringe: CcdImage | None = None
    ptc: PhotonTransferCurve | None = None


@dataclass(slots=True, kw_only=True)
class Work:
    """An image on its way.

    Attributes
    ----------
    data, saturated
        Of each amplifier, in readout order, until they are assembled.
    image
        From then on.
    gains, noises
        Of each amplifier [electron/adu, adu].
    """

    raw: RawImage
    detector: Detector
    settings: IsrSettings
    calibrations: Calibrations
    header: dict[str, Any]
    data: dict[str, Float] = field(default_factory=dict)
    saturated: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    image: CcdImage = field(default_factory=lambda: CcdImage.blank((0, 0)))
    gains: dict[str, float] = field(default_factory=dict)
    noises: dict[str, float] = field(default_factory=dict)
