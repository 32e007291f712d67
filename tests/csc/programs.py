"""Programs for a script queue that need no procedure: a sleep, a failure, checkpoints; and blocks made of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from csc.scriptqueue.program import Metadata, ScriptControl
from fsm import AuthorError, Refused


class FakeProgram:
    """Runs a coroutine function; refuses the configuration `bad`."""

    remotes = ("ATDome",)

    def __init__(self, path: str, work: Callable[[ScriptControl], Coroutine[Any, Any, None]]) -> None:
        self.path = path
        self.description = f"the script {path}"
        self._work = work

    def configure(self, config: str) -> Metadata:
        if config == "bad":
            raise AuthorError("bad is not a configuration")
        return Metadata(duration=5.0)

    async def run(self, control: ScriptControl) -> None:
        await self._work(control)


class FakeCatalogue:
    """Scripts: sleep.py waits 10 s, fail.py fails, steps.py passes the checkpoints one, two, three.

    Not listed, but there: hours.py, which takes 2.5 h, and stubborn.py, which cleans up for 300 s when it is stopped.
    """

    def __init__(self) -> None:
        self.finished: list[int] = []

    def available(self, *, standard: bool) -> list[str]:
        return ["fail.py", "sleep.py", "steps.py"] if standard else []

    def broken(self) -> dict[str, str]:
        return {}

    def schema(self, path: str, *, standard: bool) -> str:
        self.load(path, standard=standard)
        return "type: object\n"

    def load(self, path: str, *, standard: bool) -> FakeProgram:
        works = {
            "sleep.py": self._sleep,
            "fail.py": self._fail,
            "steps.py": self._steps,
            "hours.py": self._hours,
            "stubborn.py": self._stubborn,
        }
        if path not in works or not standard:
            raise AuthorError(f"No script {path!r} found")
        return FakeProgram(path, works[path])

    async def _sleep(self, control: ScriptControl) -> None:
        await asyncio.sleep(10.0)
        self.finished.append(control.index)

    async def _hours(self, control: ScriptControl) -> None:
        await asyncio.sleep(2.5 * 3600.0)
        self.finished.append(control.index)

    async def _stubborn(self, control: ScriptControl) -> None:
        try:
            await asyncio.sleep(1000.0)
        except asyncio.CancelledError:
            await asyncio.sleep(300.0)
            raise

    async def _fail(self, control: ScriptControl) -> None:
        raise Refused("it cannot work")

    async def _steps(self, control: ScriptControl) -> None:
        for name in ("one", "two", "three"):
            await control.checkpoint(name)
        self.finished.append(control.index)


class FakeBlocks:
    """BLOCK-1 sleeps twice, BLOCK-2 fails in its first script, BLOCK-3 is not valid."""

    def __init__(self) -> None:
        self.scripts = {
            "BLOCK-1": ["sleep.py", "sleep.py"],
            "BLOCK-2": ["fail.py", "sleep.py"],
            "BLOCK-3": ["sleep.py"],
        }

    def ids(self) -> list[str]:
        return list(self.scripts)

    def valid(self, block: str) -> bool:
        return block != "BLOCK-3"

    def configuration(self, block: str, override: str) -> list[tuple[str, bool, str]]:
        return [(path, True, "") for path in self.scripts[block]]
