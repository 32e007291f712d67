"""Programs for a script queue that need no procedure: a sleep, a failure, checkpoints."""

from __future__ import annotations

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
    """Three scripts: sleep.py waits 10 s, fail.py fails, steps.py passes the checkpoints one, two, three."""

    def __init__(self) -> None:
        self.finished: list[int] = []

    def available(self, *, standard: bool) -> list[str]:
        return ["fail.py", "sleep.py", "steps.py"] if standard else []

    def schema(self, path: str, *, standard: bool) -> str:
        self.load(path, standard=standard)
        return "type: object\n"

    def load(self, path: str, *, standard: bool) -> FakeProgram:
        works = {"sleep.py": self._sleep, "fail.py": self._fail, "steps.py": self._steps}
        if path not in works or not standard:
            raise AuthorError(f"No script {path!r} found")
        return FakeProgram(path, works[path])

    async def _sleep(self, control: ScriptControl) -> None:
        import asyncio

        await asyncio.sleep(10.0)
        self.finished.append(control.index)

    async def _fail(self, control: ScriptControl) -> None:
        raise Refused("it cannot work")

    async def _steps(self, control: ScriptControl) -> None:
        for name in ("one", "two", "three"):
            await control.checkpoint(name)
        self.finished.append(control.index)
