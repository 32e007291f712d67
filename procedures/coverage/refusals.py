"""Why a component may refuse a command, or let it fail: read from its data sheet, and found again in what it answers.

A reason is what the sender is told. Two guards with the same sentence are one reason; a sentence with values in it is
known by its words. What a behaviour computes its refusals from is one reason, that of ``refuses``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from csc import Blueprint
from csc.blueprint import Command
from csc.summary_state import SummaryState
from fsm import Statechart, Template

__all__ = ["ARGUMENTS", "ELSEWHERE", "NOT_SIMULATED", "STATE", "TOO_LATE", "find_reasons", "reasons_of"]

STATE = "in a summary state in which it is not allowed"
ARGUMENTS = "with a field that is unknown, of the wrong type or out of range"
ELSEWHERE = "while its machines are in a state that knows no such command"
NOT_SIMULATED = "always: it is not simulated"
TOO_LATE = "because it takes longer than its limit"

_PREFIX = "Failed: "


def reasons_of(plan: Blueprint, command: Command) -> tuple[str, ...]:
    """Return the reasons for which a command may be refused or fail, in the order in which they are looked at."""
    return tuple(dict.fromkeys(_reasons(plan, command)))


def _reasons(plan: Blueprint, command: Command) -> Iterator[str]:
    if plan.is_csc and not set(SummaryState.__members__) <= set(command.states):
        yield STATE
    if command.fields:
        yield ARGUMENTS
    if not command.simulated:
        yield NOT_SIMULATED
        return
    yield from (guard.otherwise.text for guard in command.guards)
    yield from (ELSEWHERE if text is None else text.text for text in _rows(plan, command.name))
    if command.refuses:
        yield command.refuses
    yield from (failure.because.text for failure in command.fails)
    if command.limit is not None:
        yield TOO_LATE


def _rows(plan: Blueprint, command: str) -> Iterator[Template | None]:
    """Yield what the machines say of a command that none of them takes; None where they have no words of their own."""
    told = [list(_refused_by(chart, command)) for chart in plan.machines.values() if command in chart.triggers]
    if all(told):  # a machine that takes it in every state lets it pass
        yield from (text for each in told for text in each)


def _refused_by(chart: Statechart, command: str) -> Iterator[Template | None]:
    plain = next(
        (row.raises for row in chart.transitions if command in row.on and row.raises and row.guard is None), None
    )
    for state in chart.state_names:
        rows = chart.rows.get((state, command), ())
        if not rows:
            yield plain
        elif all(row.guard is not None for row in rows):
            yield rows[0].raises


def find_reasons(plan: Blueprint, name: str, ack: str, result: str) -> tuple[str, ...]:
    """Return the reasons that an answer tells; nothing if it is none that the data sheet knows.

    Parameters
    ----------
    name
        The command.
    ack, result
        The acknowledgement's code by name, and its text.
    """
    command = plan.commands.get(name)
    if command is None or ack not in ("FAILED", "TIMEOUT"):
        return ()
    if ack == "TIMEOUT":
        return (TOO_LATE,) if command.limit is not None else ()
    text = result.removeprefix(_PREFIX)
    if text.startswith(("Not allowed in ", f"{name} not allowed in state ")):
        return (STATE,)
    if not command.simulated and text.endswith("is not simulated"):
        return (NOT_SIMULATED,)
    for told, pattern in _sentences(plan, name):
        if pattern.fullmatch(text):
            return (told,)
    if text.startswith(f"{name} refused: "):
        rows = _rows_told(plan, name)
        return tuple(told for told, pattern in rows if pattern.search(text)) or (ELSEWHERE,)
    if text.startswith((f"{name} has no field ", f"{name}: fields with ")) or any(
        text.startswith((f"{name}.{field}=", f"{name}.{field} is left out")) for field in command.fields
    ):
        return (ARGUMENTS,)
    return () if text.startswith("interrupted: ") or not command.refuses else (command.refuses,)


@cache
def _sentences(plan: Blueprint, name: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return what guards and failures of a command say; what has most words of its own comes first."""
    command = plan.commands[name]
    templates = (*(guard.otherwise for guard in command.guards), *(failure.because for failure in command.fails))
    return tuple((each.text, _pattern(each)) for each in sorted(templates, key=_words, reverse=True))


@cache
def _rows_told(plan: Blueprint, name: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    found = {each.text: _pattern(each) for each in _rows(plan, name) if each is not None}
    return tuple(found.items())


def _words(template: Template) -> int:
    return sum(len(part) for part in template.parts if isinstance(part, str))


def _pattern(template: Template) -> re.Pattern[str]:
    parts = (re.escape(part) if isinstance(part, str) else ".*" for part in template.parts)
    return re.compile("".join(parts), re.DOTALL)
