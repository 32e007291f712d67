"""The simulated observatory in a thread of its own, and the only ways into it: `Run.call` and `Run.ask`."""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from cscsim.console.asking import PageAsker
from cscsim.console.desk import Desk
from cscsim.console.lookout import Lookout
from cscsim.console.opening import open_run
from cscsim.console.plan import Plan
from cscsim.console.rewinding import do_again
from fsm import MAX, Clock, Journal, OperatorError, Record, SimulatedLoop, simulate

__all__ = ["Run"]

T = TypeVar("T")

Future = concurrent.futures.Future


class Run:
    """One run, from its beginning to its end.

    Parameters
    ----------
    plan
        What is run.
    number
        Which run of the console it is, from 1.
    journal
        File to write to.
    listener
        Hears each record in the simulation's thread.
    speed
        Simulated seconds per real second at the beginning.
    before, until
        Records of another run that are done again first, up to a time [s]; the run then stands still.
    """

    def __init__(
        self,
        plan: Plan,
        number: int,
        journal: Path,
        listener: Callable[[Record], None],
        *,
        speed: float,
        before: Sequence[Record] = (),
        until: float | None = None,
    ) -> None:
        self.plan, self.number, self.journal = plan, number, journal
        self._listener, self._speed = listener, speed
        self._before, self._until = before, until
        self._begun: Future[tuple[Desk, Lookout]] = Future()
        self._ended: asyncio.Event | None = None
        self._loop: SimulatedLoop | None = None
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name=f"run {number}", daemon=True)

    def begin(self) -> None:
        """Begin; return when people may act.

        Raises
        ------
        Exception
            Whatever has kept it from beginning.
        """
        self._thread.start()
        self.desk, self.lookout = self._begun.result()

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return not self._thread.is_alive() or (self._ended is not None and self._ended.is_set())

    def call(self, function: Callable[..., T], *args: Any, within: int = 0) -> Future[T]:
        """Have a function called in the simulation's thread, between two callbacks.

        Parameters
        ----------
        within
            In so many turns of the loop at most, and before that once nothing more is to happen at this moment.
        """
        future: Future[T] = Future()
        left = within

        def do() -> None:
            nonlocal left
            if left and self._loop is not None and self._loop.ready:
                left -= 1
                self._loop.call_soon(do)
                return
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(function(*args))
                except Exception as error:
                    future.set_exception(error)

        self._soon(do)
        return future

    def ask(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        """Like `call`; what returns a coroutine is waited for."""
        future: Future[Any] = Future()

        async def wait(work: Any) -> None:
            try:
                future.set_result(await work)
            except asyncio.CancelledError:
                future.set_exception(OperatorError("the session has ended"))
                raise
            except Exception as error:
                future.set_exception(error)

        def do() -> None:
            if not future.set_running_or_notify_cancel():  # whoever asked has left meanwhile
                return
            try:
                result = function(*args)
            except Exception as error:
                future.set_exception(error)
                return
            if inspect.iscoroutine(result):
                self.desk.spawn(wait(result), "request")
            else:
                future.set_result(result)

        self._soon(do)
        return future

    def end(self) -> None:
        """End it in order, and wait until its journal is closed."""
        if self._loop is not None and self._ended is not None and self._thread.is_alive():
            try:
                self._loop.call_soon_threadsafe(self._ended.set)
            except RuntimeError:
                pass  # it has just ended
        self._thread.join()

    def _soon(self, do: Callable[[], None]) -> None:
        if self.ended or self._loop is None:
            raise OperatorError("the session has ended")
        try:
            self._loop.call_soon_threadsafe(do)
        except RuntimeError as error:
            raise OperatorError("the session has ended") from error

    # ------------------------------------------------------------ in its thread

    def _work(self) -> None:
        try:
            simulate(self._main, speed=MAX, tai_start=self.plan.sheet.tai_start)
        except BaseException as error:
            self.error = error
            if not self._begun.done():
                self._begun.set_exception(error)

    async def _main(self, clock: Clock) -> None:
        self._ended = asyncio.Event()
        self._loop = clock.loop
        clock.loop.expects_outside = True
        asker = PageAsker(self._before)
        with Journal(lambda: clock.now, path=self.journal, keep=False) as journal:
            journal.listen(self._listener)
            async with open_run(self.plan, clock, journal, asker) as session:
                desk = Desk(self.plan, session, asker, self._speed)
                journal.listen(desk.see)
                if self._until is not None:
                    await do_again(desk, self._before, self._until)
                    desk.pace.hold()
                else:
                    desk.pace.settle()
                self._begun.set_result((desk, Lookout(desk)))
                await self._ended.wait()
                clock.loop.speed = MAX
                await desk.close()
