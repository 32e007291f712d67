"""Which steps of a procedure a journal has seen carried out, wherever the procedure was called from.

A record names its step by the steps of the callers and its own: ``close/cover.1``. The rehearsal says which procedure
it began with, and each script of a queue which one it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from fsm import AuthorError, Record
from fsm.diagrams import Visits
from procedures.library import Library
from procedures.model import Call, Procedure, Step
from procedures.telling import tell_value
from procedures.walk import walk_steps

__all__ = ["visits_of_procedure"]


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
    finder = _Finder(procedure, library)
    roots: dict[str, str] = {}
    seen: Counter[tuple[str, str]] = Counter()
    for record in records:
        who = str(record["who"])
        match record["kind"]:
            case "run":
                roots[who] = str(record["procedure"])
            case "event" if record["topic"] == "description" and "classname" in record["data"]:
                roots[who] = str(record["data"]["classname"])
            case "step" if record["what"] == "started" and who in roots:
                *callers, step = str(record["step"]).split("/")
                if finder.called(roots[who], tuple(callers)) == procedure.name:
                    seen[procedure.name, step] += 1
    return Visits(nodes=seen)


class _Finder:
    """Follows calls from procedure to procedure."""

    def __init__(self, procedure: Procedure, library: Library) -> None:
        self._library = library
        self._known: dict[str, Procedure | None] = {procedure.name: procedure}
        self._called: dict[tuple[str, tuple[str, ...]], str | None] = {}

    def called(self, root: str, callers: tuple[str, ...]) -> str | None:
        """Return the name of the procedure that steps of a root, one inside the other, call; None if it is unknown."""
        key = (root, callers)
        if key not in self._called:
            self._called[key] = self._follow(root, callers)
        return self._called[key]

    def _follow(self, root: str, callers: tuple[str, ...]) -> str | None:
        if not callers:
            procedure = self._find(root)
            return None if procedure is None else procedure.name
        caller = self.called(root, callers[:-1])
        procedure = None if caller is None else self._find(caller)
        if procedure is None:
            return None
        step = next((each for each in _all_steps(procedure) if each.id == callers[-1]), None)
        found = self._find(tell_value(step.procedure)) if isinstance(step, Call) else None
        return None if found is None else found.name

    def _find(self, name: str) -> Procedure | None:
        if name not in self._known:
            try:
                self._known[name] = self._library.find(name)
            except AuthorError:  # a file of its own, or a path that is known only while it runs
                self._known[name] = None
        return self._known[name]


def _all_steps(procedure: Procedure) -> Iterable[Step]:
    return walk_steps((*procedure.steps, *procedure.on_failure, *procedure.cleanup))
