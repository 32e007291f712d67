"""The live display of a rehearsal: what is being done, how far it is, how the observatory stands.

A thread of its own draws ten times a second from what the chronicle remembers; the rehearsal never waits for it.
While a person is asked something the display makes room. At the end it goes, and the summary takes its place.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.rule import Rule
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from csc import Observatory
from cscsim.chronicle import Chronicle, Message
from cscsim.gauges import read_gauges
from cscsim.style import StateChips, counts, duration, readings_line, time_of
from fsm import Record
from procedures import Rehearsal
from procedures.config import validate_config
from procedures.scope import ProcedureScope

__all__ = ["Display", "speed_text"]

_RATE = 10
_FEWEST_MESSAGES = 3
_LEVEL_STYLES = ((40, "bold red"), (30, "yellow"), (0, "default"))


class Display:
    """Shows a rehearsal on a terminal.

    Parameters
    ----------
    console
        The terminal.
    chronicle
        What is remembered of the rehearsal; it is given every record.
    estimate
        How long the rehearsal will take [simulated s]; 0 takes what the procedure itself says.
    """

    def __init__(self, console: Console, chronicle: Chronicle, estimate: float = 0.0) -> None:
        self._console = console
        self._chronicle = chronicle
        self._live = Live(
            console=console, get_renderable=self.render, refresh_per_second=_RATE, transient=True, redirect_stderr=True
        )
        self._estimate = estimate
        self._began = time.monotonic()
        self._asked = 0.0
        self._seen = (0.0, self._began)
        self._shown = 0.0
        self._values: dict[tuple[str, str], Any] = {}

    def see(self, record: Record) -> None:
        """See a record; nothing is drawn here."""
        self._chronicle.see(record)

    def begin(self, rehearsal: Rehearsal, observatory: Observatory) -> None:
        """Learn what is rehearsed, and show it from now on."""
        self._chronicle.begin(rehearsal, observatory)
        if not self._estimate:
            config = validate_config(rehearsal.procedure, rehearsal.config)
            scope = ProcedureScope(observatory, observatory.services["images"], config)
            estimate = rehearsal.procedure.duration.evaluate(scope)
            self._estimate = float(estimate) if isinstance(estimate, int | float) else 0.0
        self._live.start()

    def end(self) -> None:
        """Take the display away."""
        self._live.stop()

    @contextmanager
    def making_room(self) -> Iterator[None]:
        """Take the display away for a question; time does not pass meanwhile."""
        self._live.stop()
        began = time.monotonic()
        try:
            yield
        finally:
            now = time.monotonic()
            self._asked += now - began
            self._seen = (self._seen[0], now)
            self._live.start()

    # ----------------------------------------------------------------- drawing

    def render(self) -> RenderableType:
        """Draw everything as it is now."""
        rehearsal, observatory = self._chronicle.rehearsal, self._chronicle.observatory
        if rehearsal is None or observatory is None:
            return Text()
        now = self._simulated_now(rehearsal, observatory)
        parts: list[RenderableType] = [
            Rule(Text(rehearsal.procedure.title, style="bold"), align="left", style="cyan"),
            self._circumstances(rehearsal),
            self._progress(now),
            self._times(now),
            Rule(style="bright_black"),
            self._doing(now),
            Rule(style="bright_black"),
            self._standing(observatory),
            self._image(),
        ]
        messages = list(self._chronicle.messages)
        return _Fitting(parts, messages)

    def _simulated_now(self, rehearsal: Rehearsal, observatory: Observatory) -> float:
        """Return the simulated time [s]; while the run sleeps towards its next event, time passes all the same."""
        t, wall = observatory.clock.now, time.monotonic()
        if t != self._seen[0]:
            self._seen = (t, wall)
        elif math.isfinite(rehearsal.speed):
            t += (wall - self._seen[1]) * rehearsal.speed
        self._shown = max(self._shown, t)
        return self._shown

    def _circumstances(self, rehearsal: Rehearsal) -> Text:
        words = [f"observatory {rehearsal.observatory.observatory}", f"seed {rehearsal.seed}"]
        if rehearsal.scenario is not None:
            words.append(f"scenario {rehearsal.scenario.name}")
        words.append(f"speed {speed_text(rehearsal.speed)}")
        return Text(" · ".join(words), style="dim", no_wrap=True, overflow="ellipsis")

    def _progress(self, now: float) -> RenderableType:
        grid = Table.grid(padding=(0, 2), expand=True)
        grid.add_column(ratio=1)
        grid.add_column(no_wrap=True, justify="right")
        if not self._estimate:
            grid.add_row(ProgressBar(total=None, pulse=True), Text("no estimate", style="dim"))
        elif now <= self._estimate:
            share = min(now / self._estimate, 0.99)
            grid.add_row(
                ProgressBar(total=1.0, completed=share), f"{share:4.0%}  about {duration(self._estimate - now)} left"
            )
        else:
            late = f"{duration(now - self._estimate)} more than planned"
            grid.add_row(ProgressBar(total=1.0, completed=0.99), Text(late, style="yellow"))
        return grid

    def _times(self, now: float) -> Text:
        wall = max(time.monotonic() - self._began - self._asked, 1e-3)
        line = Text.assemble(
            ("simulated ", "dim"), (time_of(now), "bold"), ("   real ", "dim"), time_of(wall), no_wrap=True
        )
        if now / wall >= 1.05:
            line.append(f"   {counts(now / wall)} times faster", style="dim")
        return line

    def _doing(self, now: float) -> RenderableType:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(no_wrap=True, overflow="ellipsis")
        steps = list(self._chronicle.steps.values())
        for number, step in enumerate(steps[-3:]):
            since = (f"  {duration(now - step.start)}", "dim")
            words = Text.assemble((f"{step.id}  ", "cyan"), (step.name, "bold"), since)
            grid.add_row("step" if number == 0 else "", words)
        if not steps:
            grid.add_row("step", "–")
        run = self._chronicle.current_script
        if run is None:
            grid.add_row("queue", Text("no script runs", style="dim"))
            grid.add_row("", "")
        else:
            grid.add_row("queue", Text.assemble((f"{run.index}  ", "cyan"), (run.path, "bold"), f"  {run.state}"))
            grid.add_row("", Text.assemble(("at checkpoint ", "dim"), run.checkpoint) if run.checkpoint else "")
        return grid

    def _standing(self, observatory: Observatory) -> RenderableType:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column()
        left = [name for name, part in observatory.components.copy().items() if not name.startswith("Script:")]
        for group, members in (*observatory.groups.items(), ("others", ())):
            names = [name for name in left if name in members] if members else left
            left = [name for name in left if name not in names]
            if names:
                grid.add_row(group, StateChips((name, observatory.components[name].summary_state) for name in names))
        for label, readings in read_gauges(lambda component, what: self._read(observatory, component, what)):
            grid.add_row(label, readings_line(readings))
        return grid

    def _read(self, observatory: Observatory, component: str, what: str) -> Any:
        """Read a machine or an output; the value before, if it changes at this very moment."""
        part = observatory.components.get(component)
        if part is None:
            return None
        if what in part.machines:
            return part.machines[what].state
        if what not in part.blueprint.outputs:
            return None
        try:
            timeline = part.timelines.get(what)  # of moving things: also between two events
            value = part.output(what) if timeline is None else timeline.value(self._shown)
        except (IndexError, KeyError, RuntimeError, ValueError):
            return self._values.get((component, what))
        self._values[component, what] = value
        return value

    def _image(self) -> Text:
        image = self._chronicle.last_image
        if image is None:
            return Text("image   none yet", style="dim")
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append("image   ", style="dim").append(f"{self._chronicle.image_count}  ", style="cyan")
        line.append(image.name, style="bold").append(f"  {image.image_type}")
        if image.exposure_time:
            line.append(f" {image.exposure_time:g} s")
        line.append(f" {image.filter} {image.grating}  ")
        line.append(f"{counts(image.counts)} adu", style="bold red" if image.saturated else "bold")
        if image.saturated:
            line.append(" saturated", style="red")
        return line


class _Fitting:
    """The display, with as many messages as the terminal has lines for."""

    def __init__(self, parts: list[RenderableType], messages: list[Message]) -> None:
        self._parts = parts
        self._messages = messages

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(Group(*self._parts), options, pad=False)
        for line in lines:
            yield from line
            yield Segment.line()
        yield Rule(style="bright_black")
        room = max(console.height - len(lines) - 2, _FEWEST_MESSAGES)
        for message in self._messages[-room:]:
            yield message_line(message)


def message_line(message: Message) -> Text:
    """Write a message on one line."""
    style = next(style for level, style in _LEVEL_STYLES if message.level >= level)
    return Text.assemble(
        (f"{time_of(message.t)}  ", "dim"),
        (f"{message.who}  ", "cyan"),
        (message.text, style),
        no_wrap=True,
        overflow="ellipsis",
    )


def speed_text(speed: float) -> str:
    """Write a speed as it is typed.

    >>> speed_text(math.inf), speed_text(1.0), speed_text(60.0)
    ('max', 'real', '60x')
    """
    return "max" if math.isinf(speed) else "real" if speed == 1 else f"{speed:g}x"
