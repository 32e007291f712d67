"""Which procedure a step belongs to: a record names it by the steps of the callers and its own, ``close/cover.1``.

The rehearsal says which procedure it began with, and each script of a queue which one it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from fsm import AuthorError, Record, Template
from fsm.diagrams import Visits
from procedures.blocks import Blocks
from procedures.coverage.item import all_steps
from procedures.library import Library
from procedures.model import Block, Call, Procedure
from procedures.steps.queue import ADD_BLOCK
from procedures.telling import tell_value

__all__ = ["Finder", "called_by", "root_of", "visits_of_procedure"]


def visits_of_procedure(procedure: Procedure, records: Iterable[Record], library: Library) -> Visits:
    """Count how often each step was begun.

    Parameters
    ----------
    procedure
        Whose steps are counted.
    records
        The journal's records.
    library
        Where the procedures are found that others call.
    """
    finder = Finder(library, procedure)
    roots: dict[str, str] = {}
    seen: Counter[tuple[str, str]] = Counter()
    for record in records:
        who = str(record["who"])
        root = root_of(record)
        if root is not None:
            roots[who] = root
        elif record["kind"] == "step" and record["what"] == "started" and who in roots:
            *callers, step = str(record["step"]).split("/")
            if finder.called(roots[who], tuple(callers)) == procedure.name:
                seen[procedure.name, step] += 1
    return Visits(nodes=seen)


def root_of(record: Record) -> str | None:
    """Return the procedure that somebody begins with, if a record says so."""
    match record["kind"]:
        case "run":
            return str(record["procedure"])
        case "event" if record["topic"] == "description" and "classname" in record["data"]:
            return str(record["data"]["classname"])
    return None


class Finder:
    """Follows calls from procedure to procedure.

    Parameters
    ----------
    library
        Where the procedures are found that others call.
    known
        Procedures that are not in it.
    """

    def __init__(self, library: Library, *known: Procedure) -> None:
        self._library = library
        self._known: dict[str, Procedure | None] = {procedure.name: procedure for procedure in known}
        self._called: dict[tuple[str, tuple[str, ...]], str | None] = {}

    def called(self, root: str, callers: tuple[str, ...]) -> str | None:
        """Return the name of the procedure that steps of a root, one inside the other, call; None if it is unknown."""
        key = (root, callers)
        if key not in self._called:
            self._called[key] = self._follow(root, callers)
        return self._called[key]

    def _follow(self, root: str, callers: tuple[str, ...]) -> str | None:
        if not callers:
            procedure = self.find(root)
            return None if procedure is None else procedure.name
        caller = self.called(root, callers[:-1])
        procedure = None if caller is None else self.find(caller)
        if procedure is None:
            return None
        step = next((each for each in all_steps(procedure) if each.id == callers[-1]), None)
        found = self.find(tell_value(step.procedure)) if isinstance(step, Call) else None
        return None if found is None else found.name

    def find(self, name: str) -> Procedure | None:
        """Return a procedure; None if it is not here."""
        if name not in self._known:
            try:
                self._known[name] = self._library.find(name)
            except AuthorError:  # a file of its own, or a path that is known only while it runs
                self._known[name] = None
        return self._known[name]


def called_by(procedure: Procedure, finder: Finder, blocks: Blocks) -> dict[str, Procedure]:
    """Return a procedure and all that it calls by a fixed name, the scripts of its blocks and their calls included."""
    found: dict[str, Procedure] = {}
    waiting = [procedure]
    while waiting:
        present = waiting.pop(0)
        if present.name in found:
            continue
        found[present.name] = present
        for name in _names(present, blocks):
            called = finder.find(name)
            if called is not None:
                waiting.append(called)
    return found


def _names(procedure: Procedure, blocks: Blocks) -> Iterator[str]:
    for step in all_steps(procedure):
        match step:
            case Call(procedure=Template() as name) if not name.names:
                yield name.text
            case Block(block=Template() as name) if not name.names:
                block = blocks.get(name.text)
                yield ADD_BLOCK
                yield from (script.name for script in (block.scripts if block is not None else ()))
