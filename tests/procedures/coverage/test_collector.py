"""What comes about in a rehearsal is counted: from records, and from what is too small for one."""

from __future__ import annotations

from collections import Counter

import pytest

from csc import load_catalogue
from procedures import rehearse
from procedures.campaign import Case, run_case
from procedures.coverage import Collector, Finder, collect_records
from procedures.coverage.tally import tally
from tests.procedures.campaign.plays import open_play, play, site

CHOICES = """
procedure: choices
kind: rehearsal
title: Conditions that no record tells of
steps:
  - id: off
    when: ATDome is ENABLED
    then: [{id: never, wait: 1 s}]
    otherwise: [{id: enable, summary_state: {of: ATDome, to: ENABLED}}]
  - id: until
    wait: until ATDome.main_door is CLOSED
    timeout: 1 min
  - id: going
    command: ATDome.moveAzimuth
    with: {azimuth: 20}
    on_failure: warn
  - id: again
    repeat: {times: "3", until: ATDome is ENABLED, steps: [{id: rest, wait: 1 s}]}
"""


class Listener(Collector):
    """A collector that keeps the records, too."""

    def __init__(self):
        super().__init__()
        self.records = []

    def begin(self, rehearsal, observatory):
        self.records += observatory.journal.records
        super().begin(rehearsal, observatory)

    def see(self, record):
        super().see(record)
        if record["n"] > len(self.records):
            self.records.append(record)


def watched(case=None):
    listener = Listener()
    report = rehearse(open_play(case or play()), spectator=listener)
    return listener, report


def conditions(seen, step):
    return {(item[3], item[5]): n for item, n in seen.of("condition") if item[2] == step}


@pytest.fixture(scope="module")
def usual():
    return watched()


def test_listening_changes_no_record(usual):
    assert usual[1].digest == rehearse(open_play(play())).digest


def test_states_are_counted_as_often_as_the_journal_enters_them(usual):
    listener, _ = usual
    entered = Counter(
        (record["who"], record["machine"], record["state"])
        for record in listener.records
        if record["kind"] == "transition"
    )

    counts = listener.seen().counts

    for (who, machine, state), count in entered.items():
        assert count <= counts["state", who, machine, state] <= count + 1
    assert counts["state", "ATDome", "main_door", "CLOSED"] == 1  # it never moved


def test_every_row_that_was_taken_is_one_of_the_data_sheet(usual):
    listener, _ = usual
    plans = [load_catalogue()[name] for name in ("ATDome", "ATWhiteLight")]

    coverage = tally(listener.seen(), plans, [open_play(play()).procedure], {})

    assert coverage.gone == 0
    assert coverage.ways == 0
    assert coverage.components["ATDome"].groups["transitions"].figure.seen > 5


def test_a_row_that_changes_no_state_is_counted_though_no_record_tells(usual):
    listener, _ = usual

    quiet = [item for item, _ in listener.seen().of("transition") if item[4] == ""]

    assert quiet


def test_steps_and_conditions_are_counted(usual):
    counts = usual[0].seen().counts

    assert counts["step", "play", "lamp", "begun"] == counts["step", "play", "lamp", "done"] == 1
    assert counts["step", "play", "lamp", "failed"] == 0
    assert counts["condition", "play", "", "precondition", "ATDome is not FAULT", "true"] == 1
    assert conditions(usual[0].seen(), "warm") == {("wait", "false"): 1, ("wait", "true"): 1}


def test_what_no_record_tells_of_choices_and_waits_is_counted():
    listener, _ = watched(Case(procedure=CHOICES))
    seen = listener.seen()

    assert conditions(seen, "off") == {("when", "false"): 1}
    assert set(conditions(seen, "until")) == {("wait", "true")}
    assert conditions(seen, "again") == {("until", "true"): 1}
    assert seen.counts["step", "choices", "never", "begun"] == 0


def test_a_refusal_is_counted_with_its_reason():
    seen = watched(play("ATDome.not_homed@step turn"))[0].seen()

    ((item, count),) = seen.of("refusal")
    assert item[:3] == ("refusal", "ATDome", "moveAzimuth")
    assert "hom" in item[3]
    assert count == 1


def test_a_fault_strikes_the_steps_that_are_under_way_and_is_cured():
    fault = "ATWhiteLight.lamp_stuck_on@step warm"

    counts = watched(play(fault))[0].seen().counts

    assert counts["fault", "ATWhiteLight", "lamp_stuck_on", "injected"] == 1
    assert [item for item in counts if item[0] == "struck"] == [
        ("struck", "play", "warm", "ATWhiteLight.lamp_stuck_on")
    ]
    assert counts["step", "play", "off", "failed"] == 1
    over = watched(play("ATDome.not_homed for 1 min"))[0].seen().counts
    assert over["fault", "ATDome", "not_homed", "cured"] == 1


def test_an_error_that_leads_to_fault_is_counted():
    counts = watched(play("ATWhiteLight.bulb_dies@step off"))[0].seen().counts

    codes = {str(code) for code, _ in load_catalogue()["ATWhiteLight"].errors.values()}
    assert {item[2] for item in counts if item[:2] == ("error", "ATWhiteLight")} <= codes
    assert any(item[0] == "error" for item in counts)


def test_a_component_that_begins_again_is_in_its_first_states_again():
    collector = Collector()
    begun = {"kind": "transition", "who": "OCPS:1", "machine": "summary", "source": "STANDBY", "state": "DISABLED"}

    for _ in range(2):
        collector.see(begun)

    counts = collector.seen().counts
    assert counts["state", "OCPS", "summary", "STANDBY"] == 2
    assert counts["state", "OCPS", "summary", "DISABLED"] == 2


def test_records_alone_tell_the_same_of_states_steps_and_ways(usual):
    listener, _ = usual
    whole = listener.seen()
    begins: dict[str, dict[str, str]] = {name: {} for name in site().sheet.components}

    alone = collect_records(
        listener.records, load_catalogue(), Finder(site().library, open_play(play()).procedure), begins
    )

    def of(seen, kind):
        return {item: n for item, n in seen.counts.items() if item[0] == kind}

    assert of(alone, "step") == of(whole, "step")
    moved = {item[:4] for item, _ in whole.of("transition") if item[4]}
    assert {item[:4] for item, _ in alone.of("transition")} == moved
    assert {item[5] for item, _ in alone.of("transition")} == {""}
    assert not [item for item, _ in alone.of("condition") if item[3] == "wait"]


def test_a_run_of_a_campaign_holds_what_came_about_with_its_code():
    first, again = (run_case(play("ATDome.stall@step turn"), open_play) for _ in range(2))

    assert first.coverage == again.coverage
    assert first.seen.counts["fault", "ATDome", "stall", "injected"] == 1
    assert first.seen.runs == len(first.seen.codes) == 1
