"""From files to procedures: every name, unit and argument of a procedure is resolved here.

All mistakes of a file are reported at once, by line. Which procedures a `call` may name is only known when
the library is complete, so that is checked by `procedures.library`.
"""

from __future__ import annotations

from pathlib import Path

from csc import ObservatoryVocabulary
from fsm import AuthorErrors, load_document, validate
from procedures.config import check_schema
from procedures.model import Check, Procedure
from procedures.reader import Reader
from procedures.sheets import ProcedureSheet
from procedures.step_builders import BUILDERS
from procedures.vocabulary import ProcedureVocabulary

__all__ = ["load_procedure"]


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
    label = name or (source.name if isinstance(source, Path) else "procedure")
    document = load_document(source, name=label)
    sheet = validate(document, ProcedureSheet)
    reader = Reader(document, vocabulary, ProcedureVocabulary(vocabulary, sheet.config), BUILDERS)
    wrong_schema = check_schema(sheet.config) if sheet.config is not None else None
    if wrong_schema:
        reader.wrong(("config",), f"not a JSON schema: {wrong_schema}")
    config_checks = _config_checks(reader, sheet)
    preconditions = reader.checks(sheet.preconditions, ("preconditions",))
    steps = reader.steps(sheet.steps, ("steps",), "")
    postconditions = reader.checks(sheet.postconditions, ("postconditions",))
    on_failure = reader.steps(sheet.on_failure, ("on_failure",), "f")
    duration = reader.expression(sheet.duration, ("duration",))
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
        preconditions=preconditions,
        steps=steps,
        postconditions=postconditions,
        on_failure=on_failure,
        contingency=sheet.contingency,
    )


def _config_checks(reader: Reader, sheet: ProcedureSheet) -> tuple[Check, ...]:
    checks = reader.checks(sheet.config_checks, ("config_checks",))
    for number, check in enumerate(checks):
        for name in sorted(str(name) for name in check.that.names if name.parts[:1] != ("config",)):
            reader.wrong(("config_checks", number), f"only the configuration is known here, not {name}")
    return checks
