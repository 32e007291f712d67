"""What a command needs, when it is done and how it fails, in words: a list in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from csc.blueprint import Command
from csc.summary_state import SummaryState
from fsm import Template

__all__ = ["conditions_of"]

_FORMAT = re.compile(r":[^{}:]*\}")


def conditions_of(command: Command, *, is_csc: bool) -> str:
    """Return everything that decides on a command; nothing, if nothing does.

    Parameters
    ----------
    is_csc
        Whether it is the command of a component with a summary state.
    """
    return "\n".join(f"- {line}" for line in _lines(command, is_csc=is_csc))


def _lines(command: Command, *, is_csc: bool) -> Iterator[str]:
    if not command.simulated:
        yield "Not simulated: it is refused."
        return
    if is_csc:
        everywhere = set(command.states) == set(SummaryState.__members__)
        yield f"Taken in {'every summary state' if everywhere else ' or '.join(command.states)}."
    if command.ignored_when is not None:
        yield f"Does nothing if `{command.ignored_when}`."
    for guard in command.guards:
        yield f"Refused unless `{guard.that}`: {_quoted(guard.otherwise)}"
    if command.refuses:
        yield f"Refused besides: {command.refuses}."
    if command.done is not None:
        yield f"Done when `{command.done}`."
    for failure in command.fails:
        yield f"Fails when `{failure.when}`: {_quoted(failure.because)}"
    if command.limit is not None:
        yield f"Times out after `{command.limit}`."
    if command.endless is not None:
        yield f"Has no limit of its own: {command.endless}."
    if command.in_progress is not None:
        yield f"Asks its sender to wait `{command.in_progress}` longer."
    if not command.allow_concurrent:
        yield "One at a time: the next waits."


def _quoted(text: Template) -> str:
    """Quote what a sender is told; `{name}` stands for a value."""
    return f"“{_FORMAT.sub('}', text.text)}”"
