"""Shrinking: what is left shows the finding, and nothing of it can be left out or said more simply."""

from __future__ import annotations

import pytest

from fsm import AuthorError
from procedures import Scenario, parse_injection
from procedures.campaign import Case, Row, Run, Verdict
from procedures.campaign.finding import Wanted, find_what_to_keep, read_wanted
from procedures.campaign.mixture import Mixture, Placed, mixture_of
from procedures.campaign.shrink import Shrinker
from tests.procedures.campaign.plays import site

SLIP = "ATDome.encoder_slip"
STALL, DIES, CHILLER = "ATDome.stall", "ATWhiteLight.bulb_dies", "ATWhiteLight.chiller_stops"


def row(classification="silent", *, by=None, unsafe=(), outcome="passed", kept=True, crash=""):
    verdict = Verdict(classification=classification, because="", detected_by=by, unsafe=unsafe)
    run = Run(outcome=outcome, crash=crash, unsafe=() if kept else (("what is kept", "it is not"),))
    return Row(case=Case(procedure="play"), run=run, verdict=verdict)


class World:
    """Says what comes of a mixture, and counts."""

    def __init__(self, shows):
        self.shows = shows
        self.tried: list[Mixture] = []

    def run(self, mixtures):
        self.tried += mixtures
        return [row("silent" if self.shows(mixture) else "harmless") for mixture in mixtures]

    def shrink(self, *pieces, most=200):
        shrinker = Shrinker(self.run, lambda each: each.classification == "silent", site().truth, most=most)
        return shrinker.shrink(Mixture(pieces), row())


def heads(mixture):
    return {fault.partition("@")[0].partition(":")[0] for fault in mixture.faults}


def test_only_what_is_needed_is_left():
    world = World(lambda mixture: {STALL, DIES} <= heads(mixture))

    shrunk = world.shrink(SLIP, f"{STALL}@40s", CHILLER, DIES)

    assert shrunk.mixture == Mixture((STALL, DIES))
    assert shrunk.is_minimal
    assert len(world.tried) == len(set(world.tried)) == len(shrunk.tries)


def test_no_piece_can_be_left_out_and_no_simplification_was_missed():
    def shows(mixture):
        slips = [fault for fault in mixture.faults if fault.startswith(SLIP)]
        return STALL in heads(mixture) and any("slip=" in slip and float(_slip(slip)) > 3.3 for slip in slips)

    world = World(shows)

    shrunk = world.shrink(f"{SLIP}:slip=8 deg@1234s for 10 min with probability 0.5", DIES, STALL)

    slip, stall = shrunk.mixture.pieces
    assert stall == STALL
    assert 3.3 < float(_slip(slip)) <= 3.7
    assert "@" not in slip
    assert "probability" not in slip
    assert 1.0 <= float(slip.partition(" for ")[2].removesuffix(" s")) <= 2.0
    for out in shrunk.mixture.pieces:
        assert not shows(Mixture(tuple(piece for piece in shrunk.mixture.pieces if piece != out)))
    again = World(shows).shrink(*shrunk.mixture.pieces)
    assert again.mixture.pieces[0].partition(" for ")[0] == slip.partition(" for ")[0]


def _slip(text):
    return text.partition("slip=")[2].partition(" deg")[0] if "slip=" in text else "2"


def test_states_and_parameters_are_pieces_too():
    state = Placed("states", "ATDome", "", "FAULT")
    world = World(lambda mixture: state in mixture.pieces)

    shrunk = world.shrink(STALL, state, Placed("parameters", "ATDome", "speed", "1 deg/s"))

    assert shrunk.mixture.pieces == (state,)
    assert shrunk.mixture.placed == {"states": {"ATDome": "FAULT"}}


def test_the_same_is_found_each_time():
    def shows(mixture):
        return len(heads(mixture)) > 1

    found = [World(shows).shrink(SLIP, f"{STALL}@77s", CHILLER, DIES) for _ in range(2)]

    assert found[0] == found[1]
    assert len(found[0].mixture.pieces) == 2


def test_when_the_tries_are_used_up_it_says_so():
    shrunk = World(lambda mixture: len(mixture.pieces) == 4).shrink(SLIP, STALL, CHILLER, DIES, most=3)

    assert not shrunk.is_minimal
    assert len(shrunk.mixture.pieces) == 4
    assert len(shrunk.tries) <= 3


def test_a_scenario_and_the_faults_beside_it_are_taken_apart():
    scenario = Scenario(
        name="s",
        title="t",
        faults=(parse_injection(f"{DIES}@9s", site().truth),),
        parameters={"ATDome": {"speed": "1 deg/s"}},
        machines={"ATDome": {"homing": "NOT_HOMED"}},
        states={"ATDome": "FAULT"},
    )

    mixture = mixture_of(scenario, [STALL])

    assert mixture.faults == (f"{DIES}@9s", STALL)
    assert [str(piece) for piece in mixture.pieces[2:]] == [
        "ATDome = FAULT",
        "ATDome.homing = NOT_HOMED",
        "ATDome.speed = 1 deg/s",
    ]
    assert mixture.placed == {
        "states": dict(scenario.states),
        "machines": {"ATDome": {"homing": "NOT_HOMED"}},
        "parameters": {"ATDome": {"speed": "1 deg/s"}},
    }
    assert mixture_of(None, [STALL]) == Mixture((STALL,))


# --------------------------------------------------------------------- finding


@pytest.mark.parametrize(
    ("word", "whole", "same", "other"),
    [
        (None, row("silent"), row("silent"), row("detected", by="a")),
        (None, row("detected", by="a"), row("detected", by="a"), row("detected", by="b")),
        (None, row("harmless", unsafe=("lamp: on",)), row("silent", unsafe=("lamp: still on",)), row("harmless")),
        ("stuck", row("stuck"), row("stuck"), row("silent")),
        ("failed", row("detected", outcome="failed"), row("silent", outcome="failed"), row("detected")),
        ("unsafe", row("silent", unsafe=("lamp: on", "dome: turns")), row(unsafe=("dome: turns",)), row()),
        ("ATDome is ENABLED", row(), row(), row(kept=False)),
        ("ATDome is ENABLED", row(), row(), row("crashed", crash="broken")),
    ],
)
def test_a_finding_is_what_the_run_is_or_what_is_asked(word, whole, same, other):
    finding = find_what_to_keep(read_wanted(word, site().truth), whole, row(kept=False))

    assert finding.is_in(whole)
    assert finding.is_in(same)
    assert not finding.is_in(other)


@pytest.mark.parametrize(
    ("word", "whole", "baseline", "message"),
    [
        (None, row("harmless"), row(), "nothing is found in it that a smaller scenario could keep"),
        ("silent", row("detected", by="a"), row(), "the run is detected, not silent"),
        ("unsafe", row("silent"), row(), "ends safe"),
        ("ATDome is ENABLED", row(kept=False), row(kept=False), r"is not so when the run ends \(it is not\)"),
        ("ATDome is ENABLED", row(), row(), "is so without anything that goes wrong, too"),
    ],
)
def test_what_is_not_there_cannot_be_kept(word, whole, baseline, message):
    with pytest.raises(AuthorError, match=message):
        find_what_to_keep(read_wanted(word, site().truth), whole, baseline)


def test_a_misspelt_word_or_condition_is_told():
    with pytest.raises(AuthorError, match=r"did you mean silent\?"):
        read_wanted("slient", site().truth)
    with pytest.raises(AuthorError, match=r"did you mean ENABLED\?"):
        read_wanted("ATDome is ENABLD", site().truth)
    assert read_wanted(None, site().truth) == Wanted()
