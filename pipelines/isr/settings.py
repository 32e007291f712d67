"""How a raw image is corrected: every choice, with LATISS' defaults of 2021.

Names are those of the observatory's own configuration in snake case: ``doBias`` is `do_bias`, ``overscan.fitType``
is `overscan.fit_type`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pipelines.image import MaskPlane

__all__ = ["IsrSettings", "OverscanSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverscanSettings:
    """How the level of an amplifier is found in its overscan.

    Attributes
    ----------
    fit_type
        One of `pipelines.isr.FIT_TYPES`.
    order
        Of polynomials; number of pieces of splines.
    num_sigma_clip
        Half width of the clip of MEANCLIP, and of points that are fitted [standard deviations].
    overscan_is_int
        Take medians as those of whole numbers, spread evenly within plus and minus half a unit.
    max_deviation
        From the amplifier's median, beyond which an overscan pixel does not count [adu].
    leading_to_skip, trailing_to_skip
        Overscan columns, or rows, that are left out on either side.
    do_parallel_overscan
        Also subtract from each column what the rows above the data show. The median of 48 rows adds 3 % to the
        variance of every pixel, more than verification against 20 combined frames leaves room for: off here.
    parallel_overscan_saturation_level
        What is above it in the rows above the data is the bleed of a saturated column, not level [adu].
    parallel_overscan_mask_grow_size
        Columns beside such a bleed that do not count either.

    References
    ----------
    lsst/ip_isr: python/lsst/ip/isr/overscan.py; lsst/obs_lsst: config/latiss/isr.py
    """

    fit_type: str = "MEDIAN_PER_ROW"
    order: int = 1
    num_sigma_clip: float = 3.0
    overscan_is_int: bool = True
    max_deviation: float = 1000.0
    leading_to_skip: int = 0
    trailing_to_skip: int = 0
    do_parallel_overscan: bool = False
    parallel_overscan_saturation_level: float = 100_000.0
    parallel_overscan_mask_grow_size: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class IsrSettings:
    """Everything that may be chosen; a step whose calibration is asked for and not given is an error.

    Attributes
    ----------
    saturation
        Level above the bias at which a pixel is saturated [adu].
    grow_saturation_footprint_size
        Pixels around a saturated one that are masked with it.
    do_empirical_read_noise
        Let variances have the read noise seen in the overscan, not the nominal one.
    use_ptc_gains, use_ptc_read_noise
        Take gains and read noises from the photon transfer curve, where it has them.
    brighter_fatter_max_iter, brighter_fatter_threshold
        When to stop: passes, and the sum of changes [electron].
    do_apply_gains
        Give the image in electrons.
    do_interpolate
        Fill in what `mask_list_to_interpolate` names.
    do_set_bad_regions
        Give amplifiers that are bad as a whole the median of the others, before that.

    References
    ----------
    lsst/ip_isr: python/lsst/ip/isr/isrTask.py; lsst/obs_lsst: config/latiss/isr.py
    """

    overscan: OverscanSettings = field(default_factory=OverscanSettings)
    do_saturation: bool = True
    saturation: float = 120_000.0
    grow_saturation_footprint_size: int = 1
    do_overscan: bool = True
    do_bias: bool = True
    do_variance: bool = True
    do_empirical_read_noise: bool = False
    use_ptc_gains: bool = False
    use_ptc_read_noise: bool = False
    do_linearize: bool = False
    do_crosstalk: bool = False
    do_defect: bool = True
    do_nan_masking: bool = True
    do_brighter_fatter: bool = False
    brighter_fatter_max_iter: int = 10
    brighter_fatter_threshold: float = 1000.0
    do_dark: bool = True
    do_fringe: bool = False
    do_flat: bool = True
    do_apply_gains: bool = False
    do_set_bad_regions: bool = True
    do_interpolate: bool = True
    mask_list_to_interpolate: MaskPlane = MaskPlane.SAT | MaskPlane.BAD | MaskPlane.UNMASKEDNAN
    do_standard_statistics: bool = True
