"""A program at the console, beside the page: it acts, and lets simulated time go on in stretches.

Time stands still after each stretch, so that a slow browser costs none of it.
"""

from __future__ import annotations

import json
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from websockets.sync.client import connect

__all__ = ["Caller"]

_PATIENCE = 60.0  # [s, real]
_BEYOND = 1e-3  # so that the clock has struck [simulated s]


class Caller:
    """A connection to a console.

    Parameters
    ----------
    address
        As the console has written it: the trainee's, or the instructor's with its token.

    Attributes
    ----------
    t
        Simulated time, as far as it is known here [s].
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        token = parse_qs(parts.query).get("token", [])
        self._socket = connect(f"ws://{parts.netloc}/ws", max_size=None, ping_interval=None)
        self._asked = 0
        self.t = 0.0
        self._paused = False
        self.ask("join", **({"token": token[0]} if token else {}))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, do: str, **more: Any) -> Any:
        """Ask for something and return what comes of it.

        Raises
        ------
        AssertionError
            If the console refuses.
        """
        self._asked += 1
        self._socket.send(json.dumps({"id": self._asked, "do": do, **more}))
        while (told := self._next())["kind"] != "answer" or told["id"] != self._asked:
            continue
        assert told["ok"], f"{do} {more}: {told['error']}"
        return told.get("result")

    def on(self, duration: float) -> None:
        """Go on for a time [simulated s], and pause there."""
        there = self.t + 0.99 * duration
        self.ask("speed", to=f"{duration} s")
        while not (self._paused and self.t >= there):
            self._next()

    def until(self, t: float) -> None:
        """Go on until a time [simulated s], and pause there."""
        self.ask("speed", to="pause")
        while not self._paused:
            self._next()
        self.on(t - self.t + _BEYOND)

    def _next(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self._socket.recv(timeout=_PATIENCE))
        if told["kind"] in ("hello", "batch"):
            self.t, self._paused = told.get("t", self.t), told.get("paused", self._paused)
        return told
