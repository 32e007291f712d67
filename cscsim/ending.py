"""What ends a service: whoever started it, the loss of its broker, or a failure."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

__all__ = ["Ending"]

_LOST = "the broker was lost"
_AWAY = "the broker was away when this was ended"


class Ending:
    """Whether a service is to end, and how its journal does.

    Attributes
    ----------
    is_due
        Set when it is to end, from any thread.
    on_loss
        Called with the reason when its broker is lost.
    on_wish
        Called when somebody wants it to end, with what to say if its broker is away.
    """

    def __init__(self) -> None:
        self.is_due = threading.Event()
        self.on_loss: Callable[[str], object] = lambda because: None
        self.on_wish: Callable[[str], object] = lambda because: None
        self._is_wished = self._is_lost = False

    def wish(self) -> None:
        """Have it end, as somebody wants it to: in order if its broker is there, at once if not."""
        self._is_wished = True
        self.on_wish(_AWAY)
        self.is_due.set()

    def lose_broker(self) -> None:
        """Have it end, as nobody can reach it any more."""
        self._is_lost = True
        self.is_due.set()
        self.on_loss(_LOST)

    def told(self, *, without_broker: bool) -> Mapping[str, str]:
        """Return what the last record of the journal says; `without_broker`: nothing arrives from there any more."""
        self._is_lost |= without_broker
        if self._is_lost:
            return {"outcome": "aborted", "because": self.cut_short or _LOST}
        return {"outcome": "passed"} if self.is_due.is_set() else {"outcome": "aborted", "because": "it failed"}

    @property
    def cut_short(self) -> str:
        """Why it has not ended in order although somebody wanted it to end; nothing if it has."""
        return _AWAY if self._is_wished and self._is_lost else ""
