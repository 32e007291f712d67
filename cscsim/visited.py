"""What files have visited of something that is drawn: journals, stores of campaigns, and coverages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from cscsim.coverage_sources import kind_of, read_all
from cscsim.drawn import Drawn, Key
from fsm import AuthorError, read_journal
from fsm.diagrams import Visits

__all__ = ["visits_in"]


def visits_in(drawn: Drawn, paths: Sequence[Path]) -> tuple[Visits, list[str]]:
    """Count what files have visited, all together; return it with what is to be known of them.

    Journals are taken as they are, and not run again.

    Raises
    ------
    AuthorError
        If a file is none of these, or nothing of it counts any more.
    """
    nodes: Counter[Key] = Counter()
    edges: Counter[tuple[Key, Key]] = Counter()
    notes: list[str] = []
    for path in paths:
        if kind_of(path) == "journal":
            visits = drawn.visits([dict(record) for record in read_journal(path)])
        else:
            given = read_all([path])
            if not given.seen.counts:
                raise AuthorError("; ".join(given.notes) or f"{path}: holds no run")
            visits = drawn.visits_of(given.seen)
            notes += given.notes
        nodes.update(visits.nodes)
        edges.update(visits.edges)
    return Visits(nodes=nodes, edges=edges), notes
