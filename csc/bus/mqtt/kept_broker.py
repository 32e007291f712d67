"""The embedded broker, kept up: when its process dies it is started again at the same place.

It keeps nothing on disk. Buses and clients come back by themselves, components say again what it had kept of them, and
commands that were under way are sent again; what it had kept of others, and for those who were away, is lost.
"""

from __future__ import annotations

import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from csc.bus.mqtt.address import Address
from csc.bus.mqtt.embedded import EmbeddedBroker
from fsm import OperatorError

__all__ = ["KeptBroker"]

_DEATHS, _WITHIN = 3, 60.0
"""One that dies so often in such a time [s] would die again: it is given up. Chosen here."""


class KeptBroker:
    """A broker that is kept up while the ``with`` lasts.

    Parameters
    ----------
    broker
        Not started yet.
    tell
        Called with a sentence, in a thread of its own, when it has died.
    lost
        Called there when it is given up.

    Raises
    ------
    OperatorError
        On entering, if it does not start; on leaving, if it was given up: says why.
    """

    def __init__(self, broker: EmbeddedBroker, tell: Callable[[str], object], lost: Callable[[], object]) -> None:
        self._broker, self._tell, self._lost = broker, tell, lost
        self._deaths: deque[float] = deque(maxlen=_DEATHS)
        self._failure: OperatorError | None = None
        self._turn = threading.Lock()
        self._is_over = False
        self._watch = threading.Thread(target=self._keep, name="embedded broker", daemon=True)

    @property
    def address(self) -> Address:
        """Where clients find it; without a user."""
        return self._broker.address

    @property
    def pid(self) -> int:
        """Number of its process; another one each time that it was started."""
        return self._broker.pid

    def __enter__(self) -> Self:
        self._broker.__enter__()
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._turn:
            self._is_over = True
            self._broker.close()
        self._watch.join()
        if self._failure is not None and (error is None or isinstance(error, OperatorError)):
            raise self._failure from error

    def _keep(self) -> None:
        while self._failure is None:
            code = self._broker.wait()
            with self._turn:
                if self._is_over:
                    return
                self._restart(_how(code))
        self._lost()

    def _restart(self, how: str) -> None:
        """Start it again, or tell why not."""
        now = time.monotonic()
        self._deaths.append(now)
        if len(self._deaths) == _DEATHS and now - self._deaths[0] < _WITHIN:
            often = f"{_DEATHS} times within {_WITHIN:g} s"
            self._failure = OperatorError(
                f"{self.address}: the embedded broker {how}, {often}; mosquitto is another one to use with --broker"
            )
            return
        try:
            self._broker.restart()
        except OperatorError as error:
            self._failure = OperatorError(f"the embedded broker {how}, and could not be started again: {error}")
            return
        self._tell(f"{self.address}: the embedded broker {how}, and was started again")


def _how(code: int) -> str:
    if code >= 0:
        return f"has ended with code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"
