"""What each kind of step leads to, when it is thought through: what is reached, what is not, and how long it takes.

Each small procedure is rehearsed as well, and what was said of it is held against what was seen.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from csc import load_catalogue
from fsm import parse_condition
from procedures import load_procedure
from procedures.checking import Checker, CheckReport, Verdict, load_rules
from procedures.model import Procedure
from tests.procedures.checking.plant import ENABLE_LIGHT, LIGHT_ON, checker, site
from tests.procedures.checking.soundness import compare, found, homes

Step = Mapping[str, Any]
NEVER = "ATDome is ENABLED"
"""What does not hold in the morning, and what nobody here brings about."""
HOLDS = "ATDome is STANDBY"
RECEIVED = 0.5
"""How long [s] it may take at most until what a condition asks for was sampled."""


def procedure(*steps: Step, **keys: Any) -> Procedure:
    document = {"procedure": "play", "kind": "rehearsal", "title": "a play", "steps": list(steps), **keys}
    return load_procedure(yaml.safe_dump(document, sort_keys=False), site().vocabulary)


def check(*steps: Step, assume: tuple[str, ...] = (), **keys: Any) -> CheckReport:
    return checker(*assume).check(procedure(*steps, **keys))


def wait(name: str, what: str) -> Step:
    return {"id": name, "wait": what}


def expect(name: str, that: str, **keys: Any) -> Step:
    return {"id": name, "expect": that, **keys}


def met(report: CheckReport) -> dict[str, Verdict]:
    """What was said of expectations, waits, pre- and postconditions and invariants, by step."""
    kinds = ("expect", "wait", "precondition", "postcondition", "invariant")
    return {
        each.where.removeprefix("play "): report.verdict(each)
        for each in report.findings
        if each.what in kinds and "is done in time" not in each.that
    }


def durations(report: CheckReport) -> dict[str, tuple[float, float]]:
    """How long steps may take at least and at most [s], and the whole."""
    return {
        name.removeprefix("play "): (round(span.low, 6), round(span.high, 6)) for name, span in report.durations.items()
    }


PROVED, REFUTED, OPEN = Verdict.PROVED, Verdict.REFUTED, Verdict.OPEN
PLAYS: Mapping[
    str, tuple[tuple[Step, ...], Mapping[str, Any], Mapping[str, Verdict], Mapping[str, tuple[float, float]]]
]
PLAYS = {
    "a step that fails takes its steps for a failure and goes on": (
        (expect("bad", NEVER, on_failure=[expect("rescue", HOLDS), wait("rest", "2 s")]), wait("then", "3 s")),
        {},
        {"bad": REFUTED, "rescue": PROVED},
        {"rest": (2, 2), "then": (3, 3), "all": (5, 5)},
    ),
    "a step that only warns goes on": (
        (expect("bad", NEVER, on_failure="warn"), wait("then", "3 s")),
        {},
        {"bad": REFUTED},
        {"then": (3, 3), "all": (3, 3)},
    ),
    "steps for a failure that fail themselves end it": (
        (expect("bad", NEVER, on_failure=[expect("worse", NEVER)]), wait("then", "3 s")),
        {},
        {"bad": REFUTED, "worse": REFUTED},
        {},
    ),
    "a procedure that fails takes its steps for a failure and cleans up": (
        (wait("first", "1 s"), expect("bad", NEVER), expect("never", HOLDS)),
        {"on_failure": [expect("rescue", HOLDS)], "cleanup": [wait("tidy", "2 s")]},
        {"bad": REFUTED, "rescue": PROVED},
        {"first": (1, 1), "tidy": (2, 2)},
    ),
    "a procedure that does not fail has nothing to clean up": (
        (expect("good", HOLDS),),
        {"on_failure": [expect("rescue", HOLDS)], "cleanup": [wait("tidy", "2 s")]},
        {"good": PROVED},
        {"good": (0, 0), "all": (0, 0)},
    ),
    "a postcondition that fails is a failure of the procedure": (
        (wait("first", "1 s"),),
        {"postconditions": [NEVER], "on_failure": [expect("rescue", HOLDS)]},
        {"play": REFUTED, "rescue": PROVED},
        {"first": (1, 1)},
    ),
    "what comes after a precondition that fails is not reached": (
        (wait("first", "1 s"),),
        {"preconditions": [NEVER], "on_failure": [expect("rescue", HOLDS)]},
        {"play": REFUTED},
        {},
    ),
    "a precondition of a step is asked before it is done": (
        (expect("first", HOLDS, preconditions=[NEVER]),),
        {},
        {"first": REFUTED},
        {},
    ),
    "a wait without a limit that nothing can end": (
        (wait("long", f"until {NEVER}"), expect("never", HOLDS)),
        {},
        {"long": REFUTED},
        {},
    ),
    "a wait with a limit that nothing can end": (
        ({"id": "long", "wait": f"until {NEVER}", "timeout": "30 s"}, expect("never", HOLDS)),
        {},
        {"long": REFUTED},
        {},
    ),
    "a wait that has ended before it began": (
        (wait("short", f"until {HOLDS}"), expect("then", HOLDS)),
        {},
        {"short": PROVED, "then": PROVED},
        {"short": (0, 0), "all": (0, 0)},
    ),
    "a list is gone through item by item": (
        (
            {
                "id": "each",
                "for_each": {
                    "item": "time",
                    "of": "[1 s, 2 s, 4 s]",
                    "steps": [wait("pause", "time"), expect("short", "time < 3 s", on_failure="warn")],
                },
            },
        ),
        {},
        {"short": OPEN},
        {"pause": (1, 4), "each": (7, 7), "all": (7, 7)},
    ),
    "a round is the last one if its end has come": (
        ({"id": "again", "repeat": {"times": 5, "until": HOLDS, "steps": [wait("pause", "10 s")]}},),
        {},
        {},
        {"pause": (10, 10), "again": (10, 10), "all": (10, 10)},
    ),
    "rounds go on while their end has not come": (
        ({"id": "again", "repeat": {"times": 5, "until": NEVER, "steps": [wait("pause", "10 s")]}},),
        {},
        {},
        {"pause": (10, 10), "again": (50, 50), "all": (50, 50)},
    ),
    "branches go on side by side": (
        ({"id": "both", "parallel": [[wait("long", "10 s"), wait("longer", "2 s")], [wait("short", "4 s")]]},),
        {},
        {},
        {"long": (10, 10), "longer": (2, 2), "short": (4, 4), "both": (12, 12), "all": (12, 12)},
    ),
    "a branch that fails ends the others": (
        ({"id": "both", "parallel": [[wait("long", "10 s"), expect("never", HOLDS)], [expect("bad", NEVER)]]},),
        {},
        {"bad": REFUTED},
        {},
    ),
    "one way is taken where it is known which": (
        ({"id": "fork", "when": HOLDS, "then": [wait("yes", "1 s")], "otherwise": [wait("no", "2 s")]},),
        {},
        {},
        {"yes": (1, 1), "fork": (1, 1), "all": (1, 1)},
    ),
    "the other way is taken where the condition is false": (
        ({"id": "fork", "when": NEVER, "then": [wait("yes", "1 s")], "otherwise": [wait("no", "2 s")]},),
        {},
        {},
        {"no": (2, 2), "fork": (2, 2), "all": (2, 2)},
    ),
    "what goes on in the background takes nobody's time": (
        (
            {"id": "begin", "background": "task", "steps": [wait("behind", "5 s"), expect("done", HOLDS)]},
            wait("meanwhile", "20 s"),
        ),
        {},
        {"done": PROVED},
        {"behind": (5, 5), "begin": (0, 0), "meanwhile": (20, 20), "all": (20, 20)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAYS)
def test_what_is_reached_and_how_long_it_takes(name: str) -> None:
    steps, keys, verdicts, times = PLAYS[name]

    report = check(*steps, **keys)

    seen = durations(report)
    assert report.exhausted
    assert met(report) == verdicts
    assert {step: span for step, span in seen.items() if step in times} == times
    assert (report.duration is None) == ("all" not in times)
    assert "never" not in seen


COMPARED: Mapping[str, tuple[Step, ...]] = {
    "a background step is waited for": (
        {"id": "begin", "background": "task", "steps": [wait("behind", "5 s")]},
        wait("meanwhile", "2 s"),
        {"id": "end", "join": {"tasks": ["task"], "limit": "60 s"}},
    ),
    "a background step that is late is called off": (
        {"id": "begin", "background": "task", "steps": [wait("behind", "50 s")]},
        {"id": "end", "join": {"tasks": ["task"], "limit": "10 s"}},
        wait("then", "1 s"),
    ),
    "a background step fails": (
        {"id": "begin", "background": "task", "steps": [wait("behind", "1 s"), expect("bad", NEVER)]},
        {"id": "end", "join": {"tasks": ["task"], "limit": "10 s"}},
    ),
    "there are many rounds": ({"id": "again", "repeat": {"times": 12, "steps": [wait("pause", "7 s")]}},),
    "there are many items": (
        {"id": "each", "for_each": {"item": "n", "of": str(list(range(12))), "steps": [wait("pause", "n * 1 s")]}},
    ),
    "a loop is inside a loop": (
        {"id": "out", "repeat": {"times": 3, "steps": [
            wait("one", "1 s"), {"id": "in", "repeat": {"times": 2, "steps": [wait("two", "2 s")]}}]}},
    ),
    "branches wait for each other's doing": (
        {"id": "both", "parallel": [[ENABLE_LIGHT], [{"id": "seen", "wait": "until ATWhiteLight is ENABLED"}]]},
        expect("so", "ATWhiteLight is ENABLED"),
    ),
    "what is measured is looked at": (
        {"summary_state": {"of": "ATDome", "to": "ENABLED"}},
        expect("far", "ATDome.azimuth < 10 deg", on_failure="warn"),
        {"id": "turn", "command": "ATDome.moveAzimuth", "with": {"azimuth": 20}},
        expect("near", "ATDome.azimuth < 10 deg", on_failure="warn"),
    ),
    "the lamp goes through its whole cycle": (
        ENABLE_LIGHT,
        LIGHT_ON,
        {"id": "warm", "wait": "until ATWhiteLight.lamp is ON", "timeout": "1000 s"},
        {"id": "dark", "command": "ATWhiteLight.turnLampOff"},
        {"id": "cold", "wait": "until ATWhiteLight.lamp is OFF", "timeout": "1000 s"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", COMPARED)
def test_what_was_said_is_seen_when_it_is_rehearsed(name: str, tmp_path: Path) -> None:
    play = procedure(*COMPARED[name])

    result = compare(homes().of("weekly"), play, site().sheet, tmp_path, seed=1, anything=False)

    assert not result.contradictions
    assert result.exhausted
    assert result.compared


@pytest.mark.parametrize("name", PLAYS)
def test_what_was_said_of_a_play_is_seen_when_it_is_rehearsed(name: str, tmp_path: Path) -> None:
    steps, keys, _, _ = PLAYS[name]

    result = compare(homes().of("weekly"), procedure(*steps, **keys), site().sheet, tmp_path, seed=1, anything=False)

    assert not result.contradictions
    assert result.exhausted


@pytest.mark.parametrize("times", [1, 2, 3, 8])
def test_so_many_rounds_take_so_many_times_as_long(times: int) -> None:
    rounds = {"times": times, "steps": [wait("pause", "7 s"), expect("still", HOLDS)]}

    report = check({"id": "again", "repeat": rounds})

    assert durations(report)["again"] == (7.0 * times, 7.0 * times)
    assert met(report) == {"still": PROVED}


@pytest.mark.parametrize("times", [9, 25, 1000])
def test_the_rounds_of_a_long_loop_come_to_an_end(times: int) -> None:
    report = check({"id": "again", "repeat": {"times": times, "steps": [wait("pause", "7 s"), expect("still", HOLDS)]}})

    assert report.exhausted
    assert report.duration is not None
    assert report.duration.low <= 7 * times <= report.duration.high
    assert met(report) == {"still": PROVED}


def test_an_invariant_that_is_broken_during_a_step_ends_it() -> None:
    steps = {**ENABLE_LIGHT, "id": "light", "invariants": ["ATWhiteLight is STANDBY"], "postconditions": [HOLDS]}

    report = check(steps, expect("never", HOLDS))

    assert met(report) == {"light": REFUTED}
    assert [(each.what, each.that) for each in report.refuted] == [("invariant", "ATWhiteLight is STANDBY")]
    assert report.refuted[0].seen == "ATWhiteLight DISABLED"
    assert report.duration is None


def test_an_invariant_is_watched_in_all_that_a_step_does() -> None:
    inner = [wait("first", "1 s"), {**ENABLE_LIGHT, "id": "light"}, expect("never", HOLDS)]
    report = check({"id": "outer", "when": HOLDS, "then": inner, "invariants": ["ATWhiteLight is STANDBY"]})

    (broken,) = (each for each in report.findings if each.what == "invariant")
    assert report.verdict(broken) is not PROVED
    assert broken.where == "play outer"
    assert broken.path[-1].startswith("play light")
    assert list(report.failures) == ["play outer invariant: ATWhiteLight is STANDBY"]
    assert "never" not in met(report)
    assert report.duration is None


def test_an_invariant_is_watched_in_what_is_called() -> None:
    call = {"procedure": "auxtel/enable_latiss.py"}
    report = check({"id": "outer", "call": call, "invariants": ["ATCamera is STANDBY"]}, expect("never", HOLDS))

    assert [(each.where, each.what) for each in report.refuted] == [("play outer", "invariant")]
    assert "never" not in met(report)


def test_an_invariant_that_holds_throughout_is_proved() -> None:
    report = check({**ENABLE_LIGHT, "id": "light", "invariants": [HOLDS]}, expect("then", "ATWhiteLight is ENABLED"))

    assert met(report) == {"light": PROVED, "then": PROVED}


def test_an_invariant_is_not_watched_after_its_step() -> None:
    report = check(expect("first", HOLDS, invariants=["ATWhiteLight is STANDBY"]), ENABLE_LIGHT)

    assert not report.refuted


@pytest.mark.parametrize(("limit", "verdict"), [("800 s", REFUTED), ("1000 s", PROVED)])
def test_a_wait_is_as_long_as_its_limit(limit: str, verdict: Verdict) -> None:
    report = check(
        ENABLE_LIGHT,
        {"command": "ATWhiteLight.startChiller"},
        {"command": "ATWhiteLight.turnLampOn", "with": {"power": 910}},
        {"id": "warm", "wait": "until ATWhiteLight.lamp is ON", "timeout": limit},
    )

    assert met(report)["warm"] is verdict


@pytest.mark.parametrize(("limit", "verdict"), [("60 s", REFUTED), ("3600 s", PROVED)])
def test_a_call_is_as_long_as_its_limit(limit: str, verdict: Verdict) -> None:
    light = {"id": "light", **LIGHT_ON, "timeout": limit}

    report = check(ENABLE_LIGHT, light, expect("then", HOLDS))

    (whole,) = (each for each in report.findings if each.that.startswith("all is done within"))
    assert report.verdict(whole) is verdict
    assert ("then" in met(report)) == (verdict is PROVED)


def test_a_call_that_is_late_may_be_forgiven() -> None:
    light = {"id": "light", **LIGHT_ON, "timeout": "60 s", "on_failure": [expect("rescue", "ATWhiteLight is ENABLED")]}

    report = check(ENABLE_LIGHT, light, expect("then", HOLDS))

    assert met(report)["rescue"] is PROVED
    assert met(report)["then"] is PROVED


def test_a_block_that_is_late_has_failed() -> None:
    queue = {"summary_state": {"of": "ScriptQueue:2", "to": "ENABLED"}}
    block = {"id": "block", "block": "BLOCK-309", "via": "ScriptQueue:2", "timeout": "1 s"}

    report = check(queue, block, expect("never", HOLDS))

    assert report.refuted
    assert "never" not in met(report)


def test_the_two_ways_of_what_is_not_known_are_both_thought_through() -> None:
    known = ("ATDome is in [STANDBY, DISABLED]",)
    fork = {"id": "fork", "when": HOLDS, "then": [wait("yes", "1 s")], "otherwise": [wait("no", "2 s")]}

    report = anywhere(fork, assume=known)

    assert durations(report) == {"yes": (1, 1), "no": (2, 2), "fork": (1, 2), "all": (1, 2)}


def anywhere(*steps: Step, assume: tuple[str, ...] = ()) -> CheckReport:
    """Check steps that begin anywhere."""
    here = site()
    return Checker(
        library=here.library,
        blocks=here.blocks,
        observatory=here.sheet,
        vocabulary=here.vocabulary,
        catalogue=load_catalogue(),
        rules=load_rules(here.vocabulary),
        assume=[parse_condition(text, here.vocabulary) for text in assume],
        anything=True,
    ).check(procedure(*steps))


@pytest.mark.parametrize(
    ("assume", "verdict"),
    [
        ((), OPEN),
        ((HOLDS,), PROVED),
        ((NEVER,), REFUTED),
        (("ATDome is in [STANDBY, ENABLED]",), OPEN),
        (("ATDome is in [STANDBY, ENABLED]", "ATDome is not ENABLED"), PROVED),
        (("ATPtg is ENABLED",), OPEN),
    ],
)
def test_what_is_assumed_narrows_what_may_be(assume: tuple[str, ...], verdict: Verdict) -> None:
    assert met(anywhere(expect("so", HOLDS), assume=assume)) == {"so": verdict}


def test_one_way_only_proves_what_it_asks() -> None:
    fork = {
        "id": "fork",
        "when": HOLDS,
        "then": [expect("yes", HOLDS)],
        "otherwise": [expect("no", HOLDS, on_failure="warn")],
    }

    assert met(anywhere(fork)) == {"yes": PROVED, "no": REFUTED}


def test_what_went_on_in_the_background_is_waited_for() -> None:
    report = check(
        {"id": "begin", "background": "task", "steps": [wait("behind", "5 s")]},
        wait("meanwhile", "2 s"),
        {"id": "end", "join": {"tasks": ["task"], "limit": "60 s"}},
    )

    seen = durations(report)
    assert seen["behind"] == (5.0, 5.0)
    assert seen["end"][0] <= 3 <= seen["end"][1]
    assert seen["all"][0] <= 5 <= seen["all"][1] < math.inf


def test_what_fails_in_the_background_is_found() -> None:
    begin = {"id": "begin", "background": "task", "steps": [expect("bad", NEVER), expect("never", HOLDS)]}

    report = check(begin, wait("meanwhile", "2 s"))

    assert met(report) == {"bad": REFUTED}


def test_what_is_sampled_is_waited_for() -> None:
    report = check(expect("far", "ATDome.azimuth < 10 deg", on_failure="warn"))

    assert met(report) == {"far": REFUTED}  # the dome is in STANDBY and says nothing
    assert durations(report)["all"][1] <= RECEIVED


LIBRARY = (
    "auxtel/atdome/home_dome.py",
    "auxtel/enable_atcs.py",
    "auxtel/enable_latiss.py",
    "auxtel/standby_latiss.py",
    "building/seal",
    "dome/home",
    "shutdown",
)


@pytest.mark.parametrize("name", LIBRARY)
def test_a_procedure_of_the_library_takes_as_long_as_was_said(name: str, tmp_path: Path) -> None:
    here, procedure = homes().of(name), found(name)

    result = compare(here, procedure, here.sheet, tmp_path, seed=1, anything=False)

    assert result.exhausted
    assert result.compared
    assert not result.contradictions
