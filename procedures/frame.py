"""One procedure while it runs: what it knows, whom it talks to, what it has started.

Decides how conditions are checked, waited for and watched. The steps themselves are in `procedures.steps`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from csc import Observatory, Remote
from fsm import NULL, Condition, Expression, Name, Template, Truth, Value, nearest
from procedures.asker import Asker
from procedures.failures import StepFailed
from procedures.model import Argument, Check, Procedure, Step, Unless
from procedures.scope import ProcedureScope

if TYPE_CHECKING:
    from csc.latiss.images import ImageStore
    from csc.scriptqueue.program import ScriptControl
    from procedures.library import Library

__all__ = ["Frame", "Stage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What all procedures of a run share.

    Attributes
    ----------
    frames
        The procedures that are being carried out, in the order in which they began.
    """

    observatory: Observatory
    library: Library
    images: ImageStore
    asker: Asker
    frames: list[Frame] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, eq=False)
class Frame:
    """One procedure while it runs.

    Attributes
    ----------
    who
        Whose doing it is, in the journal: a script's name on the bus, or the rehearsal's.
    script
        The script that runs it, if one does.
    prefix
        Step ids of the callers, for the journal.
    steps
        The steps that are being carried out, in the order in which they began.
    """

    stage: Stage
    procedure: Procedure
    scope: ProcedureScope
    who: str
    script: ScriptControl | None = None
    prefix: str = ""
    run_steps: Callable[[tuple[Step, ...]], Coroutine[Any, Any, None]] = field(init=False)
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    ends: list[Callable[[], None]] = field(default_factory=list)
    ingested: dict[str, dict[str, int]] = field(default_factory=dict)
    remotes: dict[str, Remote] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    @property
    def now(self) -> float:
        """Simulated time [s]."""
        return self.stage.observatory.clock.now

    def remote(self, component: str) -> Remote:
        """Return a client of a component; the same one each time."""
        if component not in self.remotes:
            self.remotes[component] = self.stage.observatory.remote(component, self.who)
        return self.remotes[component]

    def record(self, kind: str, **fields: Any) -> None:
        """Write to the journal."""
        self.stage.observatory.journal.write(kind, self.who, **fields)

    def where(self, step: Step | None, what: str = "") -> str:
        """Name a place in the procedure."""
        place = f"{self.procedure.name} {self.prefix}{step.id}" if step is not None else self.procedure.name
        return f"{place} {what}".rstrip()

    def say(self, step: Step, level: str, text: str) -> None:
        """Write a line to the log of the procedure, and of the script that runs it."""
        self.record("log", step=f"{self.prefix}{step.id}", level=level, message=text)
        if self.script is not None:
            self.script.log(level, text)

    # ---------------------------------------------------------------- values

    def value(self, argument: Argument) -> Any:
        """Return an argument's value now; null becomes None."""
        if isinstance(argument, Expression):
            return _plain(argument.evaluate(self.scope))
        if isinstance(argument, Template):
            return argument.fill(self.scope)
        if isinstance(argument, tuple):
            return [self.value(item) for item in argument]
        if isinstance(argument, Mapping):
            return {key: self.value(item) for key, item in argument.items()}
        return argument

    def component(self, step: Step, argument: Argument) -> str:
        """Return the name on the bus of the component that an argument names.

        Raises
        ------
        StepFailed
            If it is not here; names the nearest.
        """
        name = str(self.value(argument))
        vocabulary = self.stage.observatory.vocabulary()
        canonical = vocabulary.canonical(name)
        if canonical not in vocabulary.blueprints:
            near = nearest(name, vocabulary.blueprints)
            raise StepFailed(
                self.where(step), f"there is no component {name}" + (f"; did you mean {near}?" if near else "")
            )
        return canonical

    def number(self, argument: Argument, what: str) -> float:
        """Return an argument's value, which must be a number."""
        value = self.value(argument)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise StepFailed(self.where(None), f"{what} must be a number, not {value!r}")
        return value

    # ------------------------------------------------------------ conditions

    async def require(self, check: Check, step: Step | None, what: str) -> None:
        """Make sure that a condition holds now.

        Raises
        ------
        StepFailed
            If it is false or unknown; says why, with the values seen.
        """
        await self.refresh(check.that.names)
        self.judge(check, step, what)

    def judge(self, check: Check, step: Step | None, what: str) -> None:
        """Like `require`, with the values at hand."""
        truth = check.that.evaluate(self.scope)
        where = self.where(step, what)
        if truth is True:
            self.record("condition", where=where, condition=str(check.that), truth=True)
            return
        because = check.that.explain(self.scope)
        if check.otherwise is not None:
            because = f"{check.otherwise.fill(self.scope)} ({because})"
        self.record("condition", where=where, condition=str(check.that), truth=truth, because=because)
        raise StepFailed(where, because, condition=str(check.that))

    async def holds(self, condition: Condition) -> bool:
        """Tell whether a condition is known to hold now."""
        await self.refresh(condition.names)
        truth = condition.evaluate(self.scope)
        self._tell(condition, truth)
        return truth is True

    def _tell(self, condition: Condition, truth: Truth) -> None:
        """Tell who listens what came of a condition that the journal does not record."""
        aside = self.stage.observatory.journal.aside
        if aside is not None:
            aside("condition", self.procedure.name, condition, truth)

    async def refresh(self, names: Iterable[Name]) -> None:
        """Wait for a new sample of each telemetry topic that carries one of these names."""
        sampled = [item for item in self.scope.topics(names) if item[2] is not None]
        if sampled:
            await asyncio.gather(*(self._one_sample(*item) for item in sampled))

    async def _one_sample(self, component: str, topic: str, cadence: float | None) -> None:
        reader = self.stage.observatory.remote(component, self.who).event(topic)
        try:
            await reader.next(flush=True, timeout=2 * (cadence or 1.0))
        except TimeoutError:
            pass
        finally:
            reader.close()

    @contextmanager
    def watching(self, names: Iterable[Name], look: Callable[[], None]) -> Iterator[None]:
        """Call `look` whenever something that carries one of these names is published."""
        wanted = list(names)
        bus = self.stage.observatory.bus
        ends = [bus.subscribe(component, topic, lambda _: look()) for component, topic, _ in self.scope.topics(wanted)]
        if any(name.function is not None for name in wanted):
            ends.append(self.stage.images.listen(lambda _: look()))
        try:
            yield
        finally:
            for end in ends:
                end()

    async def until(self, condition: Condition, *, unless: tuple[Unless, ...], limit: float | None) -> None:
        """Wait until a condition holds.

        Raises
        ------
        StepFailed
            If one of `unless` comes true first.
        TimeoutError
            After `limit` [s]; says what is still missing, with the values seen.
        """
        clock = self.stage.observatory.clock
        done: asyncio.Future[None] = clock.loop.create_future()

        def look() -> None:
            if done.done():
                return
            for item in unless:
                if item.when.evaluate(self.scope) is True:
                    self._tell(item.when, truth=True)
                    done.set_exception(StepFailed(self.where(None), item.because.fill(self.scope)))
                    return
            if condition.evaluate(self.scope) is True:
                self._tell(condition, truth=True)
                done.set_result(None)

        names = set(condition.names).union(*(item.when.names for item in unless))
        with self.watching(names, look):
            look()
            if self.stage.observatory.journal.aside is not None:
                for each in (condition, *(item.when for item in unless)):
                    self._tell(each, each.evaluate(self.scope))
            await clock.wait(
                done, lambda: f"{condition} ({condition.explain(self.scope)})", who=self.who, timeout=limit
            )

    async def finish(self) -> None:
        """Cancel what runs in the background, and stop listening."""
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)
        self.tasks.clear()
        for end in self.ends:
            end()
        self.ends.clear()


def _plain(value: Value | None) -> Any:
    if value is NULL:
        return None
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
