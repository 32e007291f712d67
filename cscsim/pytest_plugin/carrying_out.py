"""Carrying a procedure out in an observatory that a test has running."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fsm import CscsimError, OperatorError
from procedures import Procedure, validate_config
from procedures.failures import StepFailed, reason_of
from procedures.frame import Stage
from procedures.runner import run_procedure

__all__ = ["ProcedureFailed", "carry_out"]


class ProcedureFailed(OperatorError):
    """A procedure that a test has run did not come to its end; says where and why."""


async def carry_out(procedure: Procedure, config: Mapping[str, Any], stage: Stage) -> Mapping[str, Any]:
    """Carry a procedure out; return the variables that its steps gave.

    Raises
    ------
    ProcedureFailed
        If it does not come to its end.
    AuthorError
        If the configuration does not fit it.
    """
    complete = validate_config(procedure, config)
    try:
        frame = await run_procedure(stage, procedure, complete, who="observer")
    except (CscsimError, TimeoutError, RuntimeError, BaseExceptionGroup) as error:
        reason = reason_of(error)
        if reason is None:
            raise
        where = error.where if isinstance(error, StepFailed) else procedure.name
        raise ProcedureFailed(f"{where}: {reason}") from error
    return frame.scope.variables
