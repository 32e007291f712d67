"""From files to procedures: every name, unit and argument of a procedure is resolved here.

All mistakes of a file are reported at once, by line. Which procedures a `call` may name is only known when
the library is complete, so that is checked by `procedures.library`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from csc import ObservatoryVocabulary
from fsm import AuthorErrors, Document
from procedures.config import check_schema
from procedures.model import Check, Procedure
from procedures.placement import Placement, misplaced, placement_of
from procedures.reader import Reader
from procedures.sheets import ProcedureSheet
from procedures.shelf import Shelf
from procedures.step_builders import BUILDERS
from procedures.vocabulary import ProcedureVocabulary

__all__ = ["load_procedure", "read_procedure", "resolve_procedure"]


def load_procedure(source: Path | str, vocabulary: ObservatoryVocabulary, *, name: str | None = None) -> Procedure:
    """Read a procedure and check it against an observatory.

    Parameters
    ----------
    source
        A file, or the text itself.
    vocabulary
        Names of the observatory.
    name
        How messages call the file.

    Raises
    ------
    AuthorErrors
        With every mistake of the file.
    """
    return resolve_procedure(*read_procedure(source, name=name), vocabulary)


def read_procedure(source: Path | str, *, name: str | None = None) -> tuple[Document, ProcedureSheet]:
    """Read what a procedure's file says, in whichever observatory.

    Raises
    ------
    AuthorErrors
        If its form is wrong.
    """
    label = name or (source.name if isinstance(source, Path) else "procedure")
    return _own_shelf().read_file(source, name=label)


@cache
def _own_shelf() -> Shelf:
    """Where a file finds what it extends."""
    return Shelf()


def resolve_procedure(document: Document, sheet: ProcedureSheet, vocabulary: ObservatoryVocabulary) -> Procedure:
    """Check against an observatory what was read.

    Raises
    ------
    AuthorErrors
        With every name, unit and argument that is wrong there.
    """
    reader = Reader(document, vocabulary, ProcedureVocabulary(vocabulary, sheet.config), BUILDERS)
    wrong_schema = check_schema(sheet.config) if sheet.config is not None else None
    if wrong_schema:
        reader.wrong(("config",), f"not a JSON schema: {wrong_schema}")
    config_checks = _config_checks(reader, sheet)
    begins = _begins(reader, sheet)
    preconditions = reader.checks(sheet.preconditions, ("preconditions",))
    steps = reader.steps(sheet.steps, ("steps",), "")
    postconditions = reader.checks(sheet.postconditions, ("postconditions",))
    on_failure = reader.steps(sheet.on_failure, ("on_failure",), "f")
    cleanup = reader.steps(sheet.cleanup, ("cleanup",), "c")
    duration = reader.duration(sheet.duration, ("duration",))
    if reader.errors or duration is None:
        raise AuthorErrors(reader.errors)
    return Procedure(
        name=sheet.procedure,
        kind=sheet.kind,
        title=sheet.title,
        file=document.name,
        standard=sheet.standard,
        sources=sheet.sources,
        overview=sheet.overview,
        warnings=sheet.warnings,
        config=sheet.config,
        config_checks=config_checks,
        duration=duration,
        remotes=sheet.remotes,
        observatory=sheet.observatory,
        begins=begins,
        preconditions=preconditions,
        steps=steps,
        postconditions=postconditions,
        on_failure=on_failure,
        cleanup=cleanup,
        contingency=sheet.contingency,
    )


def _config_checks(reader: Reader, sheet: ProcedureSheet) -> tuple[Check, ...]:
    checks = reader.checks(sheet.config_checks, ("config_checks",))
    for number, check in enumerate(checks):
        for name in sorted(str(name) for name in check.that.names if name.parts[:1] != ("config",)):
            reader.wrong(("config_checks", number), f"only the configuration is known here, not {name}")
    return checks


def _begins(reader: Reader, sheet: ProcedureSheet) -> Placement | None:
    begins = sheet.begins
    if begins is None:
        return None
    if sheet.kind != "rehearsal":
        reader.wrong(
            ("begins",), f"a {sheet.kind} begins when it is called; only a rehearsal has a beginning of its own"
        )
    for keys, wrong in misplaced(begins, reader.observatory, start=begins.start):
        reader.wrong(("begins", *keys), wrong.message, wrong.suggestion)
    return placement_of(begins, reader.observatory, start=begins.start)
