"""What was found when a condition was looked at: as good as true or false, and it says why."""

from __future__ import annotations

__all__ = ["Finding"]


class Finding:
    """True or false, with a reason; ``assert`` shows the reason.

    Parameters
    ----------
    truth
        None is unknown, which is as good as false.
    because
        Why it is so, with the values seen.

    >>> bool(Finding(None, "nobody has said so")), Finding(False, "ATDome is STANDBY, not ENABLED")
    (False, ATDome is STANDBY, not ENABLED)
    """

    __slots__ = ("because", "truth")

    def __init__(self, truth: bool | None, because: str) -> None:
        self.truth = truth
        self.because = because

    def __bool__(self) -> bool:
        return self.truth is True

    def __repr__(self) -> str:
        return self.because
