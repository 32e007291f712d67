"""Whether a verified calibration is certified: most exposures must not fail most of any one test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Decision", "decide"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided, and by which counts.

    Attributes
    ----------
    certify
        Whether the calibration is good enough.
    threshold
        Failures of one test, in one detector, that are too many.
    detectors_limit
        Detectors that make a majority.
    exposure_limit
        Failures of one test that make an exposure bad: the product of the two.
    exposures_limit
        Bad exposures at which the calibration is refused.
    bad_exposures
        Their ids.
    failures
        Of each exposure with any, how many of each test.
    """

    certify: bool
    threshold: int
    detectors_limit: int
    exposure_limit: int
    exposures_limit: int
    bad_exposures: tuple[int, ...]
    failures: Mapping[int, Mapping[str, int]]

    @property
    def warning(self) -> str:
        """Return what failed although the calibration is good enough; empty if nothing did."""
        if not self.certify or not self.failures:
            return ""
        found = "; ".join(
            f"{exposure}: {', '.join(f'{test} {count}' for test, count in tests.items())}"
            for exposure, tests in self.failures.items()
        )
        return f"verification passed with failures below the limits: {found}"


def decide(stats: Mapping[Any, Any], *, threshold: int = 8, detectors: int = 1) -> Decision:
    """Decide on the results of a run.

    Parameters
    ----------
    stats
        As `merge_exposures` returns them: by exposure id, and SUCCESS. The limit on exposures counts its keys, SUCCESS
        among them, as the observatory's script does: a single exposure can never be refused.
    threshold
        Failures of one test among a detector's amplifiers that are too many.
    detectors
        Of the camera.

    References
    ----------
    lsst-ts/ts_externalscripts: python/lsst/ts/externalscripts/base_make_calibrations.py,
    count_failed_verification_tests

    Examples
    --------
    >>> bad = {"SUCCESS": False, "FAILURES": [f"RXX_S00 C{n:02} NOISE" for n in range(16)]}
    >>> found = decide({1: bad, 2: bad, 3: bad, "SUCCESS": False})
    >>> found.certify, found.exposures_limit
    (False, 3)
    """
    detectors_limit = detectors // 2 + 1
    exposure_limit = threshold * detectors_limit
    exposures_limit = len(stats) // 2 + 1
    failures: dict[int, Counter[str]] = {}
    if not stats.get("SUCCESS", False):
        for exposure, result in stats.items():
            if isinstance(result, Mapping) and result.get("FAILURES"):
                failures[exposure] = Counter(str(failure).split()[-1] for failure in result["FAILURES"])
    bad = tuple(exposure for exposure, tests in failures.items() if max(tests.values()) >= exposure_limit)
    return Decision(
        certify=len(bad) < exposures_limit,
        threshold=threshold,
        detectors_limit=detectors_limit,
        exposure_limit=exposure_limit,
        exposures_limit=exposures_limit,
        bad_exposures=bad,
        failures=failures,
    )
