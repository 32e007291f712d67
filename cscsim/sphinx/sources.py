"""From which files a page comes: it is read again when one of them changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import csc
import fsm
import procedures
from csc import Blueprint, load_catalogue
from procedures import Procedure
from procedures.block import Block
from procedures.blocks import LIBRARY_BLOCKS

__all__ = ["MAKERS", "SUMMARY_STATE", "files_of"]

_FSM, _CSC, _PROCEDURES = (Path(module.__file__ or "").parent for module in (fsm, csc, procedures))

SUMMARY_STATE = _CSC / "summary_state.yaml"
"""What SAL gives every CSC."""

MAKERS = (
    *sorted(Path(__file__).parent.glob("*.py")),
    *sorted((_FSM / "diagrams").glob("*.py")),
    _CSC / "diagrams.py",
    _PROCEDURES / "flowchart.py",
)
"""What decides how a page looks is a source of it, too."""


def files_of(subject: Blueprint | Procedure | Block) -> Iterator[Path]:
    """Yield the files in which something is stated."""
    match subject:
        case Blueprint():
            yield _CSC / subject.folder / subject.file
            if subject.is_csc:
                yield SUMMARY_STATE
            if subject.like:
                yield from files_of(load_catalogue()[subject.like])
        case Procedure():
            yield _PROCEDURES / "library" / subject.file  # a path from elsewhere stays what it is
        case Block():
            yield LIBRARY_BLOCKS / subject.file
