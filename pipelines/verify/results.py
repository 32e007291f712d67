"""The results of verification, as the observatory's scripts read them: of a detector, an exposure, and a run.

They are plain mappings, ready for YAML; nothing is told as a failure below the level that failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pipelines.camera import Detector
from pipelines.image import CcdImage
from pipelines.verify.criteria import AMPLIFIER_TESTS, DETECTOR_TESTS, KINDS, Tolerances
from pipelines.verify.statistics import Measured, MeasureSettings, measure_frame

__all__ = ["merge_detectors", "merge_exposures", "verify_detector"]

_KEYWORDS = ("OBSID", "EXPTIME", "DARKTIME", "FILTER", "GRATING")


def verify_detector(
    image: CcdImage,
    detector: Detector,
    kind: str,
    tolerances: Tolerances | None = None,
    settings: MeasureSettings | None = None,
) -> dict[str, Any]:
    """Measure and test one detector of one exposure.

    Parameters
    ----------
    image
        After ISR with the calibration under test.
    kind
        One of `KINDS`.

    Returns
    -------
    dict
        ``AMP`` (statistics of each amplifier), ``METADATA``, ``CATALOG``, ``DET``, ``ISR``, ``VERIFY`` (``AMP``: each
        test of each amplifier and its SUCCESS; ``DET``) and ``SUCCESS``.

    Raises
    ------
    ValueError
        If the kind is not verified.

    References
    ----------
    lsst/cp_verify: python/lsst/cp/verify/verifyStats.py
    """
    if kind not in KINDS:
        raise ValueError(f"a {kind} is not verified; {', '.join(KINDS)} are")
    tolerances = tolerances or Tolerances()
    measured = measure_frame(image, detector, kind, settings)
    amplifiers = {name: _test_amplifier(name, measured, kind, tolerances) for name in measured.amplifiers}
    whole = {test.name: test.passes(measured.detector, tolerances) for test in DETECTOR_TESTS[kind]}
    metadata = {key: _plain(image.header[key]) for key in _KEYWORDS if key in image.header}
    if measured.failed:
        metadata["FORCE_FAILURE"] = measured.failed
    return {
        "AMP": {name: dict(found) for name, found in measured.amplifiers.items()},
        "METADATA": metadata,
        "CATALOG": {},
        "DET": dict(measured.detector),
        "ISR": {key: _plain(value) for key, value in image.header.items() if key.startswith("LSST ISR OVERSCAN")},
        "VERIFY": {"AMP": amplifiers, "DET": whole},
        "SUCCESS": all(found["SUCCESS"] for found in amplifiers.values()) and all(whole.values()),
    }


def _test_amplifier(name: str, measured: Measured, kind: str, tolerances: Tolerances) -> dict[str, bool]:
    statistics, reference = measured.amplifiers[name], measured.references[name]
    found: dict[str, bool] = {}
    if not statistics["N_PIXELS"]:
        # An amplifier that is masked as a whole has nothing to be wrong with.
        found = {test.name: True for test in AMPLIFIER_TESTS[kind]}
    else:
        found = {test.name: test.passes(statistics, reference, tolerances) for test in AMPLIFIER_TESTS[kind]}
    found["PROCESSING"] = not measured.failed
    deciding = {test.name for test in AMPLIFIER_TESTS[kind] if test.decides} | {"PROCESSING"}
    found["SUCCESS"] = all(passed for test, passed in found.items() if test in deciding)
    return found


def merge_detectors(results: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Merge the results of an exposure's detectors, by their names.

    Returns
    -------
    dict
        For each detector SUCCESS and, if it failed, FAILURES such as ``C07 NOISE`` or ``SCATTER``; ``EXP`` with what a
        run is judged by; ``SUCCESS``.

    References
    ----------
    lsst/cp_verify: python/lsst/cp/verify/mergeResults.py
    """
    merged: dict[str, Any] = {name: _entry(result["SUCCESS"], _failures(result)) for name, result in results.items()}
    success = all(result["SUCCESS"] for result in results.values())
    means = [result["DET"]["MEAN"] for result in results.values()]
    first: Mapping[str, Any] = next(iter(results.values()), {}).get("METADATA", {})
    merged["EXP"] = {"MEAN": float(np.mean(means)) if means else float("nan")} | {
        key: first[key] for key in ("EXPTIME", "FILTER", "GRATING") if key in first
    }
    merged["SUCCESS"] = success
    return merged


def merge_exposures(
    results: Mapping[int, Mapping[str, Any]], kind: str = "bias", tolerances: Tolerances | None = None
) -> dict[Any, Any]:
    """Merge the results of exposures, by their ids.

    Parameters
    ----------
    kind
        Flats are also held to their own run: one whose light per second is far from the middle one of its filter fails
        LEVEL.

    Returns
    -------
    dict
        For each exposure id SUCCESS and, if it failed, FAILURES such as ``RXX_S00 C07 NOISE``; and ``SUCCESS``. Nothing
        else: whoever decides counts its keys.
    """
    merged: dict[Any, Any] = {}
    drifted = _drifted(results, tolerances or Tolerances()) if kind == "flat" else frozenset()
    for exposure, result in results.items():
        failures = [
            f"{detector} {failure}"
            for detector, each in result.items()
            if isinstance(each, Mapping)
            for failure in each.get("FAILURES", ())
        ]
        if exposure in drifted:
            failures += [
                f"{name} LEVEL" for name, each in result.items() if isinstance(each, Mapping) and name != "EXP"
            ]
        merged[exposure] = _entry(bool(result["SUCCESS"]) and exposure not in drifted, failures)
    merged["SUCCESS"] = all(each["SUCCESS"] for each in merged.values())
    return merged


def _failures(result: Mapping[str, Any]) -> list[str]:
    """Name what failed: of an amplifier that failed every test, even one that does not decide."""
    verify = result["VERIFY"]
    failed = [
        f"{name} {test}"
        for name, tests in verify["AMP"].items()
        if not tests["SUCCESS"]
        for test, passed in tests.items()
        if not passed and test != "SUCCESS"
    ]
    return failed + [test for test, passed in verify["DET"].items() if not passed]


def _entry(success: bool, failures: list[str]) -> dict[str, Any]:
    return {"SUCCESS": True} if success else {"SUCCESS": False, "FAILURES": failures}


def _drifted(results: Mapping[int, Mapping[str, Any]], tolerances: Tolerances) -> frozenset[int]:
    """Return the exposures whose light per second differs from that of most others with the same filter."""
    runs: dict[tuple[Any, Any], dict[int, float]] = {}
    for exposure, result in results.items():
        whole = result.get("EXP", {})
        seconds = float(whole.get("EXPTIME", 0.0))
        if seconds > 0 and np.isfinite(whole.get("MEAN", np.nan)):
            run = runs.setdefault((whole.get("FILTER"), whole.get("GRATING")), {})
            run[exposure] = float(whole["MEAN"]) / seconds
    return frozenset(
        exposure
        for run in runs.values()
        for middle in [float(np.median(list(run.values())))]
        for exposure, rate in run.items()
        if not abs(rate - middle) <= tolerances.level * abs(middle)
    )


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
