"""Components are explored as their data sheets state them, and what is found is told by their words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from csc import Blueprint, Component, ObservatoryVocabulary, load_catalogue
from csc.catalogue import read_sheets
from csc.exploration import Exploration, Finding, Part, explore_components
from csc.exploration.composing import Composition
from csc.exploration.inquiry import Inquiry, inquire
from csc.exploration.recovering import recover
from csc.values import read_value
from fsm import parse_condition
from tests.acceptance import stage

CATALOGUE = load_catalogue()

LAMP = """
component: Lamp
title: A lamp
summary: A lamp, its fan and its button.
machines:
  bulb:
    meaning: The bulb.
    initial: "OFF"
    states: {"OFF": {meaning: dark}, WARM: {meaning: soon}, "ON": {meaning: lit}, BROKEN: {meaning: no more}}
    transitions:
      - {on: light, from: "OFF", to: WARM, emits: [lit]}
      - {after: 5 s, from: WARM, to: "ON"}
      - {on: douse, from: [WARM, "ON"], to: "OFF"}
      - {on: leave_ENABLED, from: [WARM, "ON"], to: "OFF"}
      - {on: smashed, from: "*", to: BROKEN, fault: SMASHED}
      - {on: smash_cleared, from: BROKEN, to: "OFF"}
  fan:
    meaning: What cools it.
    initial: STILL
    states: {STILL: {meaning: stands}, TURNS: {meaning: turns}}
    transitions:
      - {on: lit, from: STILL, to: TURNS}
      - {on: douse, from: TURNS, to: STILL}
commands:
  light: {guards: [{that: bulb is OFF, else: it is lit}]}
  douse: {}
errors: {SMASHED: {code: 1, text: it is broken}}
faults:
  smash: {meaning: It breaks., effects: [{fire: smashed}], seen: it is dark, cure: a new one, cured_by: [replaced]}
"""


def sheets(folder: Path, *texts: str) -> Mapping[str, Blueprint]:
    """Read data sheets from their texts."""
    (folder / "nowhere").mkdir()
    paths = []
    for number, text in enumerate(texts):
        path = folder / "nowhere" / f"sheet{number}.yaml"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return read_sheets(paths)


def ask(plans: Mapping[str, Blueprint], *names: str, **arguments: Any) -> Inquiry:
    """Explore components together, all of them if none is named."""
    faults = arguments.pop("faults", ())
    parts = [Part(name=name, plan=plans[name], faults=faults) for name in names or plans]
    return inquire(parts, plans, **arguments)


def seen(inquiry: Inquiry, *places: str) -> set[tuple[str, ...]]:
    """Return the values that some places have together."""
    explored = inquiry.explored
    names = [place.name for place in explored.system.places]
    numbers = [names.index(place) for place in places]
    codes = np.unique(explored.visited & explored.encoding.mask(numbers))
    return {
        tuple(explored.system.places[number].values[explored.encoding.unpack(code)[number]] for number in numbers)
        for code in codes.tolist()
    }


def tell(plans: Mapping[str, Blueprint], **arguments: Any) -> Exploration:
    """Explore and report."""
    return explore_components([Part(name=name, plan=plan) for name, plan in plans.items()], plans, **arguments)


def of(report: Exploration, kind: str) -> set[str]:
    """Return what findings of a kind are about."""
    return {finding.subject for finding in report.findings if finding.kind == kind}


def with_machine(rows: str, more: str = "", states: str = "A: {meaning: one}, B: {meaning: other}") -> str:
    """Write a sheet with one machine; its first state is A."""
    return f"""
component: Tiny
title: Tiny
summary: One machine.
machines:
  m:
    meaning: It.
    initial: A
    states: {{{states}}}
    transitions:
{rows}
{more}
"""


# ------------------------------------------------------------------ commands


def test_commands_are_taken_in_their_summary_states_only(tmp_path: Path) -> None:
    found = seen(ask(sheets(tmp_path, LAMP)), "Lamp.summary", "Lamp.bulb")

    assert {bulb for summary, bulb in found if summary == "ENABLED"} == {"OFF", "WARM", "ON"}
    assert {bulb for summary, bulb in found if summary in ("STANDBY", "DISABLED", "OFFLINE")} == {"OFF"}


def test_the_summary_state_is_not_in_fault_while_nothing_can_lead_there(tmp_path: Path) -> None:
    found = seen(ask(sheets(tmp_path, LAMP)), "Lamp.summary")

    assert found == {("STANDBY",), ("DISABLED",), ("ENABLED",), ("OFFLINE",)}


def test_what_a_row_emits_reaches_the_other_machines(tmp_path: Path) -> None:
    found = seen(ask(sheets(tmp_path, LAMP)), "Lamp.bulb", "Lamp.fan")

    assert ("WARM", "STILL") not in found
    assert ("OFF", "TURNS") in found  # after leave_ENABLED


def test_guards_of_a_command_are_read(tmp_path: Path) -> None:
    text = with_machine(
        "      - {on: go, from: A, to: B}\n      - {on: back, from: B, to: A}",
        "commands: {go: {guards: [{that: 1 > 2, else: never}]}, back: {}}",
    )

    assert seen(ask(sheets(tmp_path, text)), "Tiny.m") == {("A",)}


def test_a_command_that_is_ignored_does_nothing(tmp_path: Path) -> None:
    text = with_machine("      - {on: go, from: A, to: B}", "commands: {go: {ignored_when: m is A}}")

    assert seen(ask(sheets(tmp_path, text)), "Tiny.m") == {("A",)}


def test_all_machines_see_the_same_arguments(tmp_path: Path) -> None:
    text = """
component: Tiny
title: Tiny
summary: Two machines that listen to one command.
machines:
  left: DOOR
  right: DOOR
commands: {move: {fields: {open: {type: boolean}}}}
""".replace(
        "DOOR",
        "{meaning: A door., initial: SHUT, states: {SHUT: {meaning: shut}, OPEN: {meaning: open}}, transitions: ["
        "{on: move, from: SHUT, to: OPEN, guard: argument.open}, "
        "{on: move, from: OPEN, to: SHUT, guard: not argument.open}]}",
    )

    assert seen(ask(sheets(tmp_path, text)), "Tiny.left", "Tiny.right") == {("SHUT", "SHUT"), ("OPEN", "OPEN")}


def test_what_a_guard_demands_of_an_argument_is_known_when_it_is_stored(tmp_path: Path) -> None:
    text = with_machine(
        "      - {on: go, from: A, to: B, assign: {goal: argument.goal}}\n"
        "      - {on: go, from: B, to: A, guard: goal > 9 K}",
        "commands:\n  go:\n    fields: {goal: {type: double, unit: K}}\n"
        "    guards: [{that: 'argument.goal in [0 K, 9 K]', else: no}]\n"
        "outputs: {goal: {unit: K, initial: 0 K, meaning: goal}}\ninvariants: ['goal in [0 K, 9 K]']",
    )

    report = tell(sheets(tmp_path, text))

    assert of(report, "dead row") == {"m: go from B to A if goal > 9 K"}
    assert not of(report, "broken invariant")


def test_a_command_that_changes_the_state_is_refused_if_its_rows_are(tmp_path: Path) -> None:
    text = with_machine("      - {on: enable, from: B}")

    assert seen(ask(sheets(tmp_path, text)), "Tiny.summary") == {("STANDBY",), ("DISABLED",), ("OFFLINE",)}


# ------------------------------------------------- outputs, and what computes


FREE = "outputs: {heat: {unit: K, range: [0 K, 10 K], meaning: heat}, calm: {type: flag, meaning: calm}}"


def test_what_is_computed_may_be_anything_in_its_range(tmp_path: Path) -> None:
    rows = "      - {on: go, from: A, to: B, guard: heat > %s}"

    within = sheets(tmp_path, with_machine(rows % "9 K", f"commands: {{go: {{}}}}\n{FREE}"))
    (tmp_path / "other").mkdir()
    beyond = sheets(tmp_path / "other", with_machine(rows % "11 K", f"commands: {{go: {{}}}}\n{FREE}"))

    assert seen(ask(within), "Tiny.m") == {("A",), ("B",)}
    assert seen(ask(beyond), "Tiny.m") == {("A",)}


def test_a_range_does_not_hold_once_something_may_be_broken(tmp_path: Path) -> None:
    more = f"commands: {{go: {{}}}}\n{FREE}\nfaults: {{hot: {{meaning: hot, effects: [], seen: hot, cure: wait}}}}"
    plans = sheets(tmp_path, with_machine("      - {on: go, from: A, to: B, guard: heat > 11 K}", more))

    assert ("B",) in seen(ask(plans, faults=("hot",)), "Tiny.m")


def test_a_stored_output_that_takes_few_values_is_a_place(tmp_path: Path) -> None:
    text = with_machine(
        "      - {on: go, from: A, to: B, assign: {tries: tries + 1}, guard: tries < 3}\n"
        "      - {on: go, from: B, to: A}",
        "commands: {go: {}}\noutputs: {tries: {type: integer, initial: 0, meaning: tries}}",
    )

    assert seen(ask(sheets(tmp_path, text)), "Tiny.tries") == {("0",), ("1",), ("2",), ("3",)}


def test_what_is_asked_of_a_number_that_grows_has_one_answer_until_it_is_set(tmp_path: Path) -> None:
    text = with_machine(
        "      - {on: begin, from: A, to: B, assign: {done: 0, wanted: argument.count}}\n"
        "      - {on: go, from: B, to: C, guard: done < wanted, assign: {done: done + 1}}\n"
        "      - {on: go, from: B, to: D}\n"
        "      - {on: look, from: D, to: E, guard: done < wanted}\n"
        "      - {on: again, from: C, to: B}",
        "commands:\n  begin: {fields: {count: {type: int, range: ['1', '1000']}}}\n  go: {}\n  look: {}\n  again: {}\n"
        "outputs:\n  done: {type: integer, initial: 0, meaning: done}\n"
        "  wanted: {type: integer, initial: 0, meaning: wanted}",
        ", ".join(f"{state}: {{meaning: '{state}'}}" for state in "ABCDE"),
    )

    assert seen(ask(sheets(tmp_path, text)), "Tiny.m") == {("A",), ("B",), ("C",), ("D",)}


def test_timers_with_the_same_time_ring_in_the_order_of_their_rows(tmp_path: Path) -> None:
    rows = "      - {after: 5 s, from: A, to: B, guard: summary is OFFLINE or summary is not OFFLINE}\n"
    together = rows + "      - {after: 5 s, from: A, to: C}"
    apart = rows + "      - {after: 6 s, from: A, to: C}"
    states = "A: {meaning: a}, B: {meaning: b}, C: {meaning: c}"

    first = seen(ask(sheets(tmp_path, with_machine(together, states=states))), "Tiny.m")
    either = seen(ask(sheets_again(tmp_path, with_machine(apart, states=states))), "Tiny.m")

    assert first == {("A",), ("B",)}
    assert either == {("A",), ("B",), ("C",)}


STEADY = """
commands: {go: {}, back: {}}
outputs: {red: {type: flag, initial: false, set_by: behaviour, steady: m is B, meaning: red}}
"""


def test_a_flag_of_the_behaviour_keeps_its_value_while_it_is_steady(tmp_path: Path) -> None:
    rows = (
        "      - {on: go, from: A, to: B, guard: red}\n"
        "      - {on: go, from: B, to: C, guard: not red}\n"
        "      - {on: back, from: B, to: A}"
    )
    states = "A: {meaning: a}, B: {meaning: b}, C: {meaning: c}"

    steady = sheets(tmp_path, with_machine(rows, STEADY, states))
    (tmp_path / "other").mkdir()
    loose = sheets(tmp_path / "other", with_machine(rows, STEADY.replace("steady: m is B, ", ""), states))

    assert seen(ask(steady), "Tiny.m") == {("A",), ("B",)}
    assert seen(ask(loose), "Tiny.m") == {("A",), ("B",), ("C",)}


def test_triggers_come_by_themselves_while_their_condition_may_hold(tmp_path: Path) -> None:
    text = with_machine(
        "      - {on: tick, from: A, to: B}\n      - {on: tock, from: A, to: C}",
        "fires: {tick: summary is ENABLED, tock: summary is OFFLINE and m is B}",
        "A: {meaning: a}, B: {meaning: b}, C: {meaning: c}",
    )

    assert seen(ask(sheets(tmp_path, text)), "Tiny.summary", "Tiny.m") >= {("ENABLED", "B"), ("STANDBY", "B")}
    assert ("C",) not in seen(ask(sheets_again(tmp_path, text)), "Tiny.m")


def sheets_again(folder: Path, *texts: str) -> Mapping[str, Blueprint]:
    (folder / "again").mkdir()
    return sheets(folder / "again", *texts)


def test_a_behaviour_that_fails_leads_to_fault(tmp_path: Path) -> None:
    text = with_machine(
        "      - {on: enter_FAULT, from: A, to: B}",
        "fails: {BAD: summary is ENABLED}\nerrors: {BAD: {code: 1, text: bad}}",
    )

    assert seen(ask(sheets(tmp_path, text)), "Tiny.summary", "Tiny.m") >= {("FAULT", "B")}


# -------------------------------------------------------------------- faults


def test_a_row_with_a_fault_leads_to_fault_and_to_what_follows_it(tmp_path: Path) -> None:
    found = seen(ask(sheets(tmp_path, LAMP), faults=("smash",)), "Lamp.summary", "Lamp.bulb", "fault")

    assert ("FAULT", "BROKEN", "Lamp.smash") in found
    assert ("FAULT", "OFF", "none") in found


def faulty(rows: str, effects: str, *, cured_by: str = "[mended]", more: str = "", states: str = "") -> str:
    fault = f"faults: {{f: {{meaning: f, effects: {effects}, seen: s, cure: c, cured_by: {cured_by}}}}}"
    text = with_machine(rows, f"{fault}\ncommands: {{go: {{}}, mend: {{}}}}\n{more}")
    return with_machine(rows, f"{fault}\ncommands: {{go: {{}}, mend: {{}}}}\n{more}", states) if states else text


def test_a_trigger_that_is_held_back_reaches_nobody_until_the_cure(tmp_path: Path) -> None:
    rows = "      - {on: go, from: A, to: B}\n      - {on: f_cleared, from: A, to: C}"
    text = faulty(rows, "[{hold: go}]", states="A: {meaning: a}, B: {meaning: b}, C: {meaning: c}")

    explored = ask(sheets(tmp_path, text), faults=("f",)).explored

    moved = {
        explored.system.shown(explored.encoding.unpack(code))["fault"]
        for code in explored.visited.tolist()
        if _moves(explored, code, "Tiny.go")
    }
    assert moved == {"none"}


def _moves(explored: Any, code: int, action: str) -> bool:
    """Tell whether an action changes a situation."""
    names = [each.name for each in explored.system.actions]
    here = np.array([code], np.int64)
    return any(names[each.action] == action and (each.codes != code).any() for each in explored.stepper.followers(here))


def test_a_trigger_that_is_held_back_so_many_times_may_come_through(tmp_path: Path) -> None:
    text = faulty("      - {on: go, from: A, to: B}", "[{hold: go, times: '2'}]")

    assert ("B", "Tiny.f") in seen(ask(sheets(tmp_path, text), faults=("f",)), "Tiny.m", "fault")


def test_a_parameter_that_a_fault_sets_comes_back_with_the_cure(tmp_path: Path) -> None:
    text = faulty(
        "      - {on: go, from: A, to: B, guard: limit > 5}\n      - {on: f_cleared, from: B, to: A}",
        "[{set: {limit: '9'}}]",
        more="parameters: {limit: {default: 1, meaning: limit}}",
    )

    found = seen(ask(sheets(tmp_path, text), faults=("f",)), "Tiny.m", "Tiny.limit", "fault")

    assert found == {("A", "1", "none"), ("A", "9", "Tiny.f"), ("B", "9", "Tiny.f")}


def test_a_command_may_be_the_cure(tmp_path: Path) -> None:
    text = faulty("      - {on: f_cleared, from: A, to: B}", "[]", cured_by="[mend]")

    assert ("B", "none") in seen(ask(sheets(tmp_path, text), faults=("f",)), "Tiny.m", "fault")


def test_what_fires_after_something_was_set_finds_it_set(tmp_path: Path) -> None:
    rows = "      - {on: hit, from: A, to: B, guard: level == 2}"
    more = "outputs: {level: {type: integer, initial: 0, meaning: level}}"

    before = sheets(tmp_path, faulty(rows, "[{set: {level: '2'}}, {fire: hit}]", more=more))
    after = sheets_again(tmp_path, faulty(rows, "[{fire: hit}, {set: {level: '2'}}]", more=more))

    assert ("B",) in seen(ask(before, faults=("f",)), "Tiny.m")
    assert ("A", "2", "Tiny.f") in seen(ask(after, faults=("f",)), "Tiny.m", "Tiny.level", "fault")


@pytest.mark.parametrize(
    ("transitions", "effects", "verdict"),
    [
        ("      - {on: hit, from: A, to: B}\n      - {on: mend, from: B, to: A}", "[{fire: hit}]", "commands"),
        ("      - {on: hit, from: A, to: B}\n      - {on: f_cleared, from: B, to: A}", "[{fire: hit}]", "its cure"),
        ("      - {on: hit, from: A, to: B}", "[{fire: hit}]", "nothing"),
        ("      - {on: go, from: A}", "[{hold: go}]", "its cure"),
    ],
)
def test_what_brings_a_component_back_is_told(tmp_path: Path, transitions: str, effects: str, verdict: str) -> None:
    plans = sheets(tmp_path, faulty(transitions, effects))

    found, _ = recover(Part(name="Tiny", plan=plans["Tiny"]), plans["Tiny"].faults["f"], plans)

    assert found.verdict == verdict
    assert [each.kind for each in found.findings] == (["not even its cure"] if verdict == "nothing" else [])


def test_a_fault_that_was_not_explored_to_the_end_has_no_verdict(tmp_path: Path) -> None:
    plans = sheets(tmp_path, LAMP)

    found, _ = recover(Part(name="Lamp", plan=plans["Lamp"]), plans["Lamp"].faults["smash"], plans, limit=3)

    assert (found.verdict, found.exhausted) == ("not exhausted", False)


# ------------------------------------------------------------------ findings


def test_what_never_comes_about_is_told_with_the_reason(tmp_path: Path) -> None:
    text = with_machine(
        "      - {on: go, from: A, to: B}\n"
        "      - {on: go, from: A, to: C}\n"
        "      - {on: hit, from: B, to: D}\n"
        "      - {on: go, from: C, to: A}\n"
        "      - {on: back, from: B, to: A, guard: wide}",
        "commands: {go: {}, back: {}}\nparameters: {wide: {default: false, meaning: wide}}\n"
        "faults: {f: {meaning: f, effects: [{fire: hit}], seen: s, cure: c}}",
        ", ".join(f"{state}: {{meaning: '{state}'}}" for state in "ABCD"),
    )

    report = tell(sheets(tmp_path, text))

    because = {finding.subject: finding.because for finding in report.findings if finding.kind == "dead row"}
    assert of(report, "unreached state") == {"m C", "m D"}
    assert because == {
        "m: go from A to C": "an earlier row is always taken, or it never comes then",
        "m: hit from B to D": "nothing fires hit",
        "m: go from C to A": "m is never C",
        "m: back from B to A if wide": "its guard never holds there with wide as configured",
    }


def test_states_that_are_never_left_are_told(tmp_path: Path) -> None:
    report = tell(sheets(tmp_path, LAMP), faults=True)

    assert of(report, "dead state") == {"summary OFFLINE"}
    assert of(report, "only a cure") == {"bulb BROKEN"}


def test_a_trigger_that_only_somebody_outside_fires_is_told_and_given(tmp_path: Path) -> None:
    report = tell(sheets(tmp_path, with_machine("      - {on: knock, from: A, to: B}")))

    assert of(report, "outside") == {"knock"}
    assert not of(report, "unreached state")


def test_rows_whose_order_decides_are_told_apart_from_rows_for_the_rest(tmp_path: Path) -> None:
    text = with_machine(
        "      - {on: go, from: A, to: B, guard: heat > 3 K}\n"
        "      - {on: go, from: A, to: C, guard: heat > 2 K}\n"
        "      - {on: go, from: A, to: D, guard: heat <= 3 K}\n"
        "      - {on: go, from: A, to: E}",
        f"commands: {{go: {{}}}}\n{FREE}",
        ", ".join(f"{state}: {{meaning: '{state}'}}" for state in "ABCDE"),
    )

    report = tell(sheets(tmp_path, text))

    assert of(report, "overlap") == {
        "m: go from A to B if heat > 3 K / m: go from A to C if heat > 2 K",
        "m: go from A to C if heat > 2 K / m: go from A to D if heat <= 3 K",
    }
    assert len(of(report, "order")) == 3


def test_an_invariant_that_breaks_is_told_with_the_way_there(tmp_path: Path) -> None:
    report = tell(sheets(tmp_path, LAMP + "invariants: ['fan is STILL or bulb is not OFF']\n"))

    [finding] = [finding for finding in report.findings if finding.kind == "broken invariant"]
    assert finding.subject == "Lamp: fan is STILL or bulb is not OFF"
    assert [line.split(":")[0] for line in finding.trace] == [
        "command Lamp.start",
        "command Lamp.enable",
        "command Lamp.light",
        "command Lamp.disable",
    ]
    assert report.is_grave


def test_an_invariant_of_a_state_is_asked_in_that_state_only(tmp_path: Path) -> None:
    text = LAMP.replace('"ON": {meaning: lit}', '"ON": {meaning: lit, invariants: [fan is STILL]}')

    report = tell(sheets(tmp_path, text))

    assert of(report, "broken invariant") == {"Lamp.bulb ON: fan is STILL"}


def test_what_an_invariant_says_of_a_behaviours_flag_is_believed(tmp_path: Path) -> None:
    rows = "      - {on: go, from: A, to: B, guard: red}"
    text = with_machine(rows, STEADY + "invariants: [not red]\n")

    inquiry = ask(sheets(tmp_path, text))

    assert seen(inquiry, "Tiny.m") == {("A",)}
    assert not inquiry.explored.broken


def test_a_component_that_cannot_be_enabled_again_is_told(tmp_path: Path) -> None:
    text = with_machine(
        "      - {on: go, from: A, to: B}", "commands: {go: {}, enable: {guards: [{that: m is A, else: no}]}}"
    )

    report = tell(sheets(tmp_path, text))

    [finding] = [finding for finding in report.findings if finding.kind == "no way back"]
    assert "Tiny.m B" in finding.because


def test_a_deadlock_is_told_but_not_that_offline_is_the_end(tmp_path: Path) -> None:
    stuck = with_machine(
        "      - {on: enter_DISABLED, from: A, to: B}",
        "commands: {standby: {guards: [{that: m is A, else: no}]}, enable: {guards: [{that: m is A, else: no}]}}",
    )

    assert of(tell(sheets(tmp_path, stuck)), "deadlock") == {"nothing leads on"}
    assert not of(tell(sheets_again(tmp_path, LAMP)), "deadlock")


# ------------------------------------------------------------------ together


READER = """
component: Reader
title: Reader
summary: Reads the lamp.
remotes: [Lamp]
machines:
  eye:
    meaning: What it sees.
    initial: NOTHING
    states: {NOTHING: {meaning: nothing}, LIGHT: {meaning: light}, GHOST: {meaning: light of a broken lamp}}
    transitions:
      - {on: look, from: NOTHING, to: LIGHT, guard: Lamp.bulb is ON}
      - {on: look, from: NOTHING, to: GHOST, guard: Lamp.bulb is BROKEN}
      - {on: blink, from: "*", to: NOTHING}
commands: {look: {}, blink: {}}
"""
PUBLIC = (
    LAMP.replace('initial: "OFF"', 'initial: "OFF"\n    carrier: bulbState.state', 1).replace(
        '"OFF": {meaning: dark}, WARM: {meaning: soon}, "ON": {meaning: lit}, BROKEN: {meaning: no more}',
        '"OFF": {value: 0, meaning: dark}, WARM: {value: 1, meaning: soon}, "ON": {value: 2, meaning: lit}, '
        "BROKEN: {value: 3, meaning: no more}",
    )
    + "events: {bulbState: {fields: {state: {type: int}}}}\n"
)


def test_a_component_reads_what_another_one_explored_with_it_can_be(tmp_path: Path) -> None:
    plans = sheets(tmp_path, PUBLIC, READER)

    together = tell(plans)

    assert [group.components for group in together.groups] == [("Lamp", "Reader")]
    assert "eye GHOST" in of(together, "unreached state")


def test_alone_it_reads_whatever_the_other_might_say(tmp_path: Path) -> None:
    plans = sheets(tmp_path, PUBLIC, READER)

    apart = tell(plans, together=False)

    assert "eye GHOST" not in of(apart, "unreached state")
    assert (apart.is_product, apart.as_data()["together"]) == (False, None)


def test_nothing_is_read_before_the_other_has_been_in_touch_with_its_hardware(tmp_path: Path) -> None:
    text = READER.replace("Lamp.bulb is ON", "Lamp.bulb is OFF")

    found = seen(ask(sheets(tmp_path, PUBLIC, text)), "Lamp.(link)", "Reader.eye")

    assert ("not connected", "LIGHT") not in found
    assert ("connected", "LIGHT") in found


def test_components_that_read_nothing_of_each_other_are_counted_together(tmp_path: Path) -> None:
    report = tell(sheets(tmp_path, LAMP, LAMP.replace("component: Lamp", "component: Light")))

    sizes = [group.situations for group in report.groups]
    assert (report.together, report.is_product) == (sizes[0] * sizes[1], True)


def test_an_invariant_over_components_that_go_their_own_ways_is_held_against_every_combination(tmp_path: Path) -> None:
    plans = sheets(tmp_path, LAMP, LAMP.replace("component: Lamp", "component: Light"))
    words = ObservatoryVocabulary(plans, {}, truth=True)
    conditions = [
        parse_condition(text, words)
        for text in ("Lamp.bulb is OFF or Light.fan is STILL", "Lamp.bulb is not BROKEN or Light.bulb is OFF")
    ]

    broken, holds = tell(plans, invariants=conditions).invariants

    assert (broken.verdict, holds.verdict) == ("broken", "holds")
    assert [line.split(":")[0] for line in broken.trace] == [
        f"command {name}.{command}" for name in ("Lamp", "Light") for command in ("start", "enable", "light")
    ]


def test_an_invariant_may_hang_on_what_is_computed(tmp_path: Path) -> None:
    plans = sheets(tmp_path, with_machine("      - {on: go, from: A, to: B}", f"commands: {{go: {{}}}}\n{FREE}"))
    condition = parse_condition("Tiny.m is A or Tiny.heat > 3 K", ObservatoryVocabulary(plans, {}, truth=True))

    [answer] = tell(plans, invariants=[condition]).invariants

    assert answer.verdict == "open"


def test_a_cut_exploration_says_so(tmp_path: Path) -> None:
    report = tell(sheets(tmp_path, LAMP), limit=4)

    assert not report.exhausted
    assert report.as_data()["groups"][0]["situations"] == 4


# ------------------------------------------------------ the observatory's own


@pytest.fixture(scope="module")
def everything() -> Exploration:
    return tell(CATALOGUE, together=False, limit=1_000_000)


def test_every_component_is_exhausted(everything: Exploration) -> None:
    assert [group.components for group in everything.groups if not group.exhausted] == []
    assert {name for group in everything.groups for name in group.components} == set(CATALOGUE)


def test_no_sound_component_comes_to_grief(everything: Exploration) -> None:
    grave: list[Finding] = [finding for finding in everything.findings if finding.kind in ("deadlock", "no way back")]

    assert grave == []


def test_lamp_dome_and_camera_are_exhausted_together() -> None:
    names = ("ATWhiteLight", "ATDome", "ATCamera")

    report = explore_components([Part(name=name, plan=CATALOGUE[name]) for name in names], CATALOGUE)

    assert report.exhausted
    assert report.is_product
    assert report.together == np.prod([group.situations for group in report.groups], dtype=object)


def test_the_vent_gates_are_alike_but_for_the_one_that_does_not_open_wholly() -> None:
    composition = Composition([Part(name="ATBuilding", plan=CATALOGUE["ATBuilding"])], CATALOGUE)
    inquiry = inquire(composition.parts, CATALOGUE)

    [group] = inquiry.explored.symmetry.groups

    places = [inquiry.explored.system.places[place].name for place in group]
    assert all(place.startswith("ATBuilding.gate_") for place in places)
    assert len(places) == 2
    assert inquiry.explored.standing_for > len(inquiry.explored)


@pytest.mark.parametrize(
    ("procedure", "fault"),
    [
        ("weekly", ""),
        ("daily", ""),
        ("weekly", "ATDome.encoder_slip:slip=2.5deg@600 s"),
        ("weekly", "ATWhiteLight.lamp_link_lost@2000 s"),
        ("weekly", "ATWhiteLight.bulb_will_not_ignite"),
        ("daily", "ATSpectrograph.link_lost@400 s"),
    ],
)
def test_every_situation_of_a_rehearsal_was_explored(
    monkeypatch: pytest.MonkeyPatch, procedure: str, fault: str
) -> None:
    lived: dict[str, set[tuple[str, ...]]] = {}
    start = Component.start

    def watched(component: Component, *arguments: Any) -> None:
        def note() -> None:
            machines = tuple(machine.state for machine in component.machines.values())
            lived.setdefault(component.name, set()).add((component.summary_state or "", *machines))

        start(component, *arguments)
        component.watch(note)

    monkeypatch.setattr(Component, "start", watched)

    stage.run(procedure, *([fault] if fault else []))

    here = {name: situations for name, situations in lived.items() if name in stage.site().sheet.components}
    assert here
    for name, situations in here.items():
        target, _, rest = fault.partition(".")
        faults = (rest.partition(":")[0].partition("@")[0],) if target == name else ()
        assert situations <= _explored(name, faults), name


def test_no_behaviour_sets_a_flag_while_it_is_steady(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: list[str] = []
    start = Component.start

    def watched(component: Component, *arguments: Any) -> None:
        plan = component.blueprint
        flags = {
            name: output.steady
            for name, output in plan.outputs.items()
            if output.set_by_behaviour and output.initial is not None and output.steady is not None
        }
        before: dict[str, tuple[Any, bool]] = {}

        def look() -> None:
            for name, steady in flags.items():
                now = component.variables[name], steady.evaluate(component.scope) is True
                value, held = before.get(name, now)
                if held and now[1] and value != now[0]:
                    wrong.append(f"{component.name}.{name} is set while {steady}")
                before[name] = now

        start(component, *arguments)
        component.watch(look)

    monkeypatch.setattr(Component, "start", watched)

    stage.run("weekly")

    assert CATALOGUE["ATCamera"].outputs["opens_shutter"].steady is not None
    assert wrong == []


@cache
def _explored(name: str, faults: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    placed, plan = stage.site().sheet.components[name], CATALOGUE[name.partition(":")[0]]
    values = {key: read_value(plan.parameters[key], raw) for key, raw in placed.parameters.items()}
    part = Part(name=name, plan=plan, state=placed.state, machines=placed.machines, parameters=values, faults=faults)
    inquiry = inquire([part], CATALOGUE)
    layout, explored = inquiry.composition.layout, inquiry.explored
    whats = (["summary"] if plan.is_csc else []) + list(plan.machines)
    numbers = [number for what in whats if (number := layout.place(name, what)) is not None]
    assert len(numbers) == len(whats)
    groups = explored.symmetry.groups
    found = set()
    for code in np.unique(explored.visited & explored.encoding.mask(numbers)).tolist():
        situation = explored.encoding.unpack(code)
        for alike in _orders(situation, groups):
            states = tuple(explored.system.places[number].values[alike[number]] for number in numbers)
            found.add(states if plan.is_csc else ("", *states))
    return frozenset(found)


def _orders(situation: tuple[int, ...], groups: Any) -> list[tuple[int, ...]]:
    import itertools

    found = [situation]
    for group in groups:
        more = []
        for each in found:
            for values in set(itertools.permutations([each[place] for place in group])):
                changed = list(each)
                for place, value in zip(group, values, strict=True):
                    changed[place] = value
                more.append(tuple(changed))
        found = more
    return found
