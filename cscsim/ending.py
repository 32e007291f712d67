"""What ends a service: whoever started it, the loss of its broker, or a failure."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

__all__ = ["Ending"]

_LOST = "the broker was lost"


class Ending:
    """Whether a service is to end, and how its journal does.

    Attributes
    ----------
    is_due
        Set when it is to end, from any thread.
    on_loss
        Called with the reason when its broker is lost.
    """

    def __init__(self) -> None:
        self.is_due = threading.Event()
        self.on_loss: Callable[[str], object] = lambda because: None
        self._because = "it failed"

    def lose_broker(self) -> None:
        """Have it end, as nobody can reach it any more."""
        self._because = _LOST
        self.is_due.set()
        self.on_loss(_LOST)

    @property
    def told(self) -> Mapping[str, str]:
        """What the last record of the journal says."""
        is_in_order = self.is_due.is_set() and self._because != _LOST
        return {"outcome": "passed"} if is_in_order else {"outcome": "aborted", "because": self._because}
