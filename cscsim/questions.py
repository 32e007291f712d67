"""Who answers the human checks of a rehearsal that was typed: a person, or --yes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

from rich.console import Console

from cscsim.errors import Complaint
from cscsim.outline import called_by
from cscsim.terminal_asker import TerminalAsker
from procedures import Asker, Library, Procedure, Rehearsal, YesAsker
from procedures.model import Announce, Confirm
from procedures.walk import walk_steps

__all__ = ["asker_for", "asks"]


def asker_for(
    rehearsal: Rehearsal,
    console: Console,
    *,
    yes: bool,
    making_room: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Asker:
    """Return who answers.

    Raises
    ------
    Complaint
        If a person would be asked and there is none at a terminal.
    """
    if yes:
        return YesAsker()
    if sys.stdin is not None and sys.stdin.isatty() and console.file.isatty():
        return TerminalAsker(console, making_room=making_room)
    if asks(rehearsal.procedure, rehearsal.library):
        name = rehearsal.procedure.name
        raise Complaint(
            f"cscsim: {name} asks a person, and standard input is no terminal; --yes answers every question with yes"
        )
    return YesAsker()


def asks(procedure: Procedure, library: Library) -> bool:
    """Tell whether a procedure, or one that it calls, asks a person."""
    return any(_asks_itself(each) for each in _reached(procedure, library))


def _asks_itself(procedure: Procedure) -> bool:
    steps = (*procedure.steps, *procedure.on_failure)
    return any(isinstance(step, (Announce, Confirm)) for step in walk_steps(steps))


def _reached(procedure: Procedure, library: Library) -> Iterator[Procedure]:
    """Yield a procedure and those that it calls by a fixed name."""
    waiting, seen = [procedure], {procedure.name}
    while waiting:
        present = waiting.pop()
        yield present
        for step in walk_steps((*present.steps, *present.on_failure)):
            called = called_by(step, library)
            if called is not None and called.name not in seen:
                seen.add(called.name)
                waiting.append(called)
