"""Human checks asked on a terminal.

The simulated time stands still while a person looks and answers, at every speed: the answer enters the journal, the
time it took does not. Ctrl-C at a question ends the rehearsal like Ctrl-C anywhere else.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TextIO

from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.text import Text

from procedures.asker import nobody_answered

__all__ = ["TerminalAsker"]

_YES = frozenset({"y", "yes"})
_NO = frozenset({"n", "no"})


class TerminalAsker:
    """Asks a person.

    Parameters
    ----------
    console
        Where questions are written: a terminal.
    answers
        Where answers are typed; standard input if left out.
    making_room
        Entered while a question stands, so that nothing else is drawn.
    """

    def __init__(
        self,
        console: Console,
        *,
        answers: TextIO | None = None,
        making_room: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._console = console
        self._answers = answers or sys.stdin
        self._making_room = making_room

    async def confirm(self, question: str, look_at: tuple[str, ...]) -> bool:
        """Ask until the answer is yes or no.

        Raises
        ------
        Declined
            If there is nobody to answer any more.
        """
        body = Text(question.strip())
        for place in look_at:
            body.append("\n  look at  ", style="dim").append(place)
        panel = Panel(body, title="Human check", title_align="left", border_style="yellow")
        answer = (await self._ask(panel, "Is it so? [y/n] ")).strip().lower()
        while answer not in _YES | _NO:
            again = Text("Please answer y or n; Ctrl-C ends the rehearsal.", style="dim")
            answer = (await self._ask(again, "Is it so? [y/n] ")).strip().lower()
        return answer in _YES

    async def announce(self, text: str) -> None:
        """Show what a person has to announce, and wait until it is done."""
        panel = Panel(Text(text.strip()), title="Announce", title_align="left", border_style="cyan")
        await self._ask(panel, "Press Enter when it is announced. ")

    async def _ask(self, question: RenderableType, prompt: str) -> str:
        """Write a question and read a line; the event loop, and with it simulated time, stands still."""
        handler = signal.getsignal(signal.SIGINT)
        with self._making_room():
            try:
                signal.signal(signal.SIGINT, signal.default_int_handler)  # so that Ctrl-C ends the reading
                self._console.print(question)
                self._console.print(Text(prompt, style="bold"), end="")
                line = self._answers.readline()
            except KeyboardInterrupt:
                line = None
            finally:
                signal.signal(signal.SIGINT, handler)
            if not line:
                self._console.print()
        if line is None:
            await _interrupted()
        if not line:
            raise nobody_answered()
        return line


async def _interrupted() -> None:
    """Interrupt the run as the signal would have, had it come a moment later; never returns."""
    signal.raise_signal(signal.SIGINT)
    await asyncio.get_running_loop().create_future()
