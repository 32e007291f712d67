"""How a procedure fails, and what is said of it."""

from __future__ import annotations

from fsm import CscsimError, OperatorError

__all__ = ["Declined", "StepFailed", "reason_of"]


class StepFailed(OperatorError):
    """A step could not be done, or what it needs or promises does not hold.

    Parameters
    ----------
    where
        Procedure and step.
    because
        What was seen.
    condition
        The condition that does not hold, if it was one.
    """

    def __init__(self, where: str, because: str, *, condition: str | None = None) -> None:
        self.where = where
        self.because = because
        self.condition = condition
        super().__init__(because)


class Declined(StepFailed):
    """A person answered a human check with no: the procedure is called off, whatever a step says of failures."""


def reason_of(error: BaseException) -> str | None:
    """Return why a step failed; None if the error is a bug of ours."""
    if isinstance(error, BaseExceptionGroup):
        reasons = [reason_of(inner) for inner in error.exceptions]
        return None if None in reasons else "; ".join(str(reason) for reason in reasons)
    if isinstance(error, (CscsimError, TimeoutError)) or type(error) is RuntimeError:
        return str(error) or type(error).__name__
    return None
