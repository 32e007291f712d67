"""Reasons to refuse a command: those of the data sheet, and the same ones found again in answers."""

from __future__ import annotations

import pytest

from csc import load_catalogue
from fsm import Template
from procedures.coverage.refusals import (
    ARGUMENTS,
    ELSEWHERE,
    NOT_SIMULATED,
    STATE,
    TOO_LATE,
    find_reasons,
    reasons_of,
)

CATALOGUE = load_catalogue()
GUARDED = [
    (name, command, template)
    for name, plan in CATALOGUE.items()
    for command in plan.commands.values()
    for template in (*(guard.otherwise for guard in command.guards), *(each.because for each in command.fails))
]


def filled(template: Template) -> str:
    return "".join(part if isinstance(part, str) else "12.5" for part in template.parts)


@pytest.mark.parametrize(
    ("name", "command", "template"), GUARDED, ids=[f"{name}.{command.name}" for name, command, _ in GUARDED]
)
def test_what_a_guard_says_is_found_again_whatever_values_are_in_it(name, command, template):
    plan = CATALOGUE[name]
    if not command.simulated:
        pytest.skip("it is refused before")

    assert template.text in reasons_of(plan, command)
    assert find_reasons(plan, command.name, "FAILED", f"Failed: {filled(template)}") == (template.text,)


@pytest.mark.parametrize(
    ("command", "ack", "text", "reason"),
    [
        ("moveAzimuth", "FAILED", "Failed: Not allowed in state=<State.STANDBY: 5>", STATE),
        ("moveAzimuth", "FAILED", "Failed: Not allowed in Fault state: errorCode=1, errorReport='x'", STATE),
        ("enable", "FAILED", "Failed: enable not allowed in state <State.STANDBY: 5>", STATE),
        ("moveAzimuth", "FAILED", "Failed: moveAzimuth has no field az; did you mean azimuth?", ARGUMENTS),
        ("moveAzimuth", "FAILED", "Failed: moveAzimuth.azimuth='x' must be a number", ARGUMENTS),
        ("moveAzimuth", "FAILED", "Failed: moveAzimuth: fields with their values are expected, not 3", ARGUMENTS),
    ],
)
def test_what_every_command_may_be_answered_is_found(command, ack, text, reason):
    plan = CATALOGUE["ATDome"]

    assert find_reasons(plan, command, ack, text) == (reason,)
    assert reason in reasons_of(plan, plan.commands[command])


@pytest.mark.parametrize(
    ("command", "ack", "text"),
    [
        ("moveAzimuth", "COMPLETE", "Done"),
        ("moveAzimuth", "ABORTED", "Aborted"),
        ("moveAzimuth", "FAILED", "Failed: interrupted: now DISABLED"),
        ("moveAzimut", "FAILED", "Failed: unknown command moveAzimut; did you mean moveAzimuth?"),
    ],
)
def test_what_is_no_refusal_of_the_data_sheet_has_no_reason(command, ack, text):
    assert find_reasons(CATALOGUE["ATDome"], command, ack, text) == ()


def test_machines_refuse_in_their_own_words_or_because_they_are_elsewhere():
    plan = CATALOGUE["Script"]
    reasons = {command.name: reasons_of(plan, command) for command in plan.commands.values()}

    assert ELSEWHERE in reasons["configure"] or any("configure" in reason for reason in reasons["configure"])
    found = find_reasons(plan, "configure", "FAILED", "Failed: configure refused: script is DONE")
    assert len(found) == 1
    assert found[0] in reasons["configure"]


def test_a_command_that_is_not_simulated_always_refuses():
    name, command = next((n, c) for n, p in CATALOGUE.items() for c in p.commands.values() if not c.simulated)

    assert NOT_SIMULATED in reasons_of(CATALOGUE[name], command)
    told = f"Failed: {name}.{command.name} is not simulated"
    assert find_reasons(CATALOGUE[name], command.name, "FAILED", told) == (NOT_SIMULATED,)


def test_a_limit_is_a_reason_only_where_there_is_one():
    limited = [(p, c) for p in CATALOGUE.values() for c in p.commands.values() if c.limit is not None and c.simulated]
    plan, command = limited[0]

    assert find_reasons(plan, command.name, "TIMEOUT", "Timeout") == (TOO_LATE,)
    assert TOO_LATE in reasons_of(plan, command)
    assert find_reasons(CATALOGUE["ATDome"], "setLogLevel", "TIMEOUT", "Timeout") == ()
