from __future__ import annotations

import pytest

from pipelines.verify import decide

AMPLIFIERS = [f"C{row}{column}" for row in (1, 0) for column in range(8)]


def failed(**tests: int) -> dict:
    """Return an exposure with so many failures of each test."""
    return {
        "SUCCESS": False,
        "FAILURES": [f"RXX_S00 {AMPLIFIERS[n]} {test}" for test, count in tests.items() for n in range(count)],
    }


PASSED = {"SUCCESS": True}


def run(*exposures: dict) -> dict:
    stats: dict = {2026030100001 + number: each for number, each in enumerate(exposures)}
    return stats | {"SUCCESS": all(each["SUCCESS"] for each in exposures)}


def test_three_exposures_that_fail_noise_are_refused():
    """The golden case of the observatory's page: limits 8, 1, 8, 3; three bad exposures."""
    found = decide(run(*[failed(NOISE=16)] * 3))

    assert (found.threshold, found.detectors_limit, found.exposure_limit, found.exposures_limit) == (8, 1, 8, 3)
    assert len(found.bad_exposures) == 3
    assert not found.certify
    assert found.warning == ""


def test_twenty_biases_with_a_poor_one_pass_with_a_warning():
    """The other golden case: limits 8, 1, 8, 11; none bad."""
    found = decide(run(*[PASSED] * 19, failed(CR_NOISE=6, MEAN=4)))

    assert (found.threshold, found.detectors_limit, found.exposure_limit, found.exposures_limit) == (8, 1, 8, 11)
    assert found.bad_exposures == ()
    assert found.certify
    assert "2026030100020: CR_NOISE 6, MEAN 4" in found.warning


@pytest.mark.parametrize(("exposures", "limit"), [(1, 2), (2, 2), (3, 3), (20, 11), (22, 12)])
def test_limit_on_exposures_counts_the_key_of_success(exposures, limit):
    assert decide(run(*[failed(NOISE=16)] * exposures)).exposures_limit == limit


def test_single_exposure_is_never_refused():
    assert decide(run(failed(NOISE=16))).certify


@pytest.mark.parametrize(("bad", "certified"), [(10, True), (11, False)])
def test_majority_of_bad_exposures_refuses(bad, certified):
    assert decide(run(*[failed(NOISE=8)] * bad, *[PASSED] * (20 - bad))).certify is certified


def test_failures_of_different_tests_do_not_add_up():
    assert decide(run(*[failed(NOISE=7, MEAN=7, CR_NOISE=7)] * 3)).bad_exposures == ()


def test_limits_of_nine_detectors():
    found = decide(run(*[failed(NOISE=16)] * 3), detectors=9)

    assert (found.detectors_limit, found.exposure_limit) == (5, 40)
    assert found.certify


def test_threshold_is_chosen():
    assert decide(run(*[failed(MEAN=3)] * 3), threshold=3).bad_exposures == (
        2026030100001,
        2026030100002,
        2026030100003,
    )


def test_success_is_not_looked_into():
    found = decide(run(*[PASSED] * 20))

    assert found.certify
    assert found.failures == {}
    assert found.warning == ""
