"""Good data pass verification, and each fault is refused, or named, or passes unseen, as stated here.

*Refused* is what the observatory's script does: so many failures of one kind in so many exposures that nothing is
certified. *Named* is a failure in the statistics, which the script tells as a warning and certifies all the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from csc.latiss.detector import load_detector
from csc.latiss.detector.condition import Condition
from csc.latiss.images import Exposure
from csc.latiss.light import alignment_factor
from tests.pipelines.acceptance.laboratory import (
    STEPS,
    Laboratory,
    biases,
    darks,
    failures,
    flats,
    verdict,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

NOISY = {"C07", "C11"}
"""Amplifiers whose read noise is not what everybody believes."""
LONG = (30.0,) * 4
AS_DARK = {"IMGTYPE": "DARK", "EXPTIME": 30.0, "DARKTIME": 30.0}


def of(condition: Condition, kind: str) -> list[Exposure]:
    """Return frames of another day than those of the calibrations."""
    if kind == "dark":
        return darks(LONG, 151, condition=condition)
    return {"bias": biases, "flat": flats}[kind](4, 251, condition=condition)


def off(stats: dict[Any, Any]) -> dict[str, set[str]]:
    """Return what failed beside the two noisy amplifiers' noise."""
    rest = {test: where - (NOISY if "NOISE" in test else set()) for test, where in failures(stats).items()}
    return {test: where for test, where in rest.items() if where and test != "READ_NOISE_CONSISTENT"}


@pytest.mark.parametrize("kind", list(STEPS))
def test_good_frames_pass_against_calibrations_of_other_ones(lab: Laboratory, kind: str) -> None:
    """The script's default: against what was certified before."""
    stats = lab.verify(kind, of(Condition(), kind))

    assert verdict(stats).passed
    assert off(stats) == {}


def test_good_frames_pass_against_their_own_calibration(lab: Laboratory) -> None:
    for kind, exposures in (("bias", biases(20)), ("dark", darks()), ("flat", flats(20))):
        stats = lab.verify(kind, exposures)

        assert verdict(stats).passed
        assert off(stats) == {}


def test_only_the_flats_pass_without_a_word(lab: Laboratory) -> None:
    """Whatever bias or dark: the noise of C07 is told, and does not refuse it."""
    assert failures(lab.verify("bias", biases(4, 251)))["NOISE"] >= {"C07"}
    assert lab.verify("flat", flats(4, 251))["SUCCESS"] is True


REFUSED = {
    "a warm detector": ("dark", Condition(dark_current=10.0), "NOISE"),
    "a hot detector": ("dark", Condition(dark_current=20.0), "MEAN"),
    "flats lit from one side": ("flat", Condition(tilt=0.1), "NOISE"),
    "biases with a tenth more read noise": ("bias", Condition(read_noise=1.1), "NOISE"),
    "darks with a tenth more read noise": ("dark", Condition(read_noise=1.1), "NOISE"),
    "twenty columns gone bad": ("bias", Condition(bad_columns=20), "CR_NOISE"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused(lab: Laboratory, name: str) -> None:
    kind, condition, test = REFUSED[name]

    stats = lab.verify(kind, of(condition, kind))

    assert not verdict(stats).passed
    assert len(failures(stats)[test]) >= 8


def test_darks_that_are_flats_are_refused_either_way(lab: Laboratory) -> None:
    """Swapped lists of exposures: against a good dark, and good ones against a dark made of them."""
    lit = flats(5, 261, exposure_time=0.2)
    against_good = lab.verify("dark", lit[:4], header=AS_DARK)
    good_against = lab.verify("dark", darks(LONG, 151), dark=lab.make_dark(lit, header=AS_DARK))

    for stats in (against_good, good_against):
        assert not verdict(stats).passed
        assert len(failures(stats)["MEAN"]) == 16


@pytest.mark.parametrize(("true", "said"), [(5.0, 30.0), (30.0, 5.0)])
def test_a_dark_of_swapped_times_is_refused(lab: Laboratory, true: float, said: float) -> None:
    """Its noise, and with it that of the bias, is multiplied by the wrong time."""
    swapped = {"EXPTIME": said, "DARKTIME": said}
    wrong = lab.make_dark(darks((true,) * 10, 161), header=swapped)

    stats = lab.verify("dark", darks(LONG, 151), dark=wrong)

    assert not verdict(stats).passed
    assert len(failures(stats)["NOISE"]) == 16


def test_flats_whose_lamp_tilts_over_the_run_are_refused_against_their_own_flat(lab: Laboratory) -> None:
    drifting = [
        flat
        for n, tilt in enumerate(np.linspace(0.0, 0.3, 20))
        for flat in flats(1, 301 + n, condition=Condition(tilt=tilt))
    ]

    stats = lab.verify("flat", drifting, flat=lab.make_flat(drifting))

    assert not verdict(stats).passed


def test_flats_whose_lamp_fades_are_named(lab: Laboratory) -> None:
    """Each flat is divided by its own mean, so that the combined one is good; and one failure for each exposure is none
    that the script's rule counts.
    """
    fading = [flat for n, light in enumerate(np.linspace(1.0, 0.8, 20)) for flat in flats(1, 301 + n, brightness=light)]

    stats = lab.verify("flat", fading)

    assert failures(stats) == {"LEVEL": {"RXX_S00"}}
    assert 8 < verdict(stats).failures["LEVEL"] < 14
    assert verdict(stats).passed


@pytest.mark.parametrize("kind", ["bias", "dark"])
def test_one_column_gone_bad_is_named(lab: Laboratory, kind: str) -> None:
    """It is in one amplifier of sixteen; the script's rule asks for eight."""
    stats = lab.verify(kind, of(Condition(bad_columns=1), kind))

    assert len(off(stats)["CR_NOISE"]) == 1
    assert verdict(stats).passed


def test_a_misaligned_dome_is_only_seen_in_the_counts(lab: Laboratory) -> None:
    """Flats are held to each other, not to a level. The weekly rehearsal asks for 10 000 adu in 6 s of SDSSr."""
    screen = load_detector().screen
    dim = flats(12, 301, brightness=alignment_factor(1.6, screen.alignment_width))

    stats = lab.verify("flat", dim, flat=lab.make_flat(dim))

    assert stats["SUCCESS"] is True
    assert max(flat.counts for flat in dim) < 10_000 < min(flat.counts for flat in flats(20))


def test_biases_that_are_taken_for_darks_pass_unseen(lab: Laboratory) -> None:
    """All that a good detector collects in 30 s, 0.8 adu, is a tenth of the read noise."""
    stats = lab.verify("dark", biases(4, 271), header=AS_DARK)

    assert verdict(stats).passed
    assert off(stats) == {}
