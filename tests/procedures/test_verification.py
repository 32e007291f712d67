"""The rule by which verified images are refused, against cases with a known outcome."""

from __future__ import annotations

from typing import Any

import pytest

from procedures.verification import judge


def exposure(**failures: int) -> dict[str, Any]:
    texts = [f"RXX_S00 C{number:02d} {kind}" for kind, count in failures.items() for number in range(count)]
    return {"SUCCESS": not texts, **({"FAILURES": texts} if texts else {})}


def statistics(*exposures: dict[str, Any]) -> dict[str, Any]:
    run = {str(2026011500001 + number): each for number, each in enumerate(exposures)}
    return {**run, "SUCCESS": all(each["SUCCESS"] for each in exposures)}


def test_images_without_a_failure_pass() -> None:
    verdict = judge(statistics(*[exposure()] * 20), threshold=8, detectors=1)

    assert verdict.passed
    assert str(verdict) == "no test failed"


def test_three_noisy_exposures_are_refused() -> None:
    """A case of the operations documentation (lsst-ts/observatory-ops-docs: LATISS combined calibrations)."""
    verdict = judge(statistics(*[exposure(NOISE=16)] * 3), threshold=8, detectors=1)

    assert not verdict.passed
    assert (len(verdict.bad), verdict.limit) == (3, 3)


def test_a_few_failures_in_one_of_twenty_exposures_pass() -> None:
    """The other case of that page."""
    odd = exposure(CR_NOISE=6, MEAN=4)

    verdict = judge(statistics(*[exposure()] * 19, odd), threshold=8, detectors=1)

    assert verdict.passed
    assert (verdict.bad, verdict.limit) == ((), 11)
    assert str(verdict) == (
        "tests failed: CR_NOISE 6 (C00 1, C01 1, C02 1 ...), MEAN 4 (C00 1, C01 1, C02 1 ...); "
        "bad exposures 0, refused from 11"
    )


@pytest.mark.parametrize(("number", "limit"), [(20, 11), (22, 12), (3, 3), (1, 2)])
def test_the_overall_verdict_counts_as_an_exposure(number: int, limit: int) -> None:
    verdict = judge(statistics(*[exposure(NOISE=16)] * number), threshold=8, detectors=1)

    assert verdict.limit == limit
    assert verdict.passed is (number == 1)


@pytest.mark.parametrize(("failures", "passed"), [(7, True), (8, False)])
def test_one_kind_of_test_must_fail_often_enough(failures: int, passed: bool) -> None:
    mixed = exposure(NOISE=failures, MEAN=7)

    assert judge(statistics(*[mixed] * 3), threshold=8, detectors=1).passed is passed


@pytest.mark.parametrize(("failures", "passed"), [(39, True), (40, False)])
def test_nine_detectors_need_five_times_as_many(failures: int, passed: bool) -> None:
    bad = exposure(NOISE=failures)

    assert judge(statistics(*[bad] * 3), threshold=8, detectors=9).passed is passed
