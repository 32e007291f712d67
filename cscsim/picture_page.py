"""A run at one moment, on a terminal: what is being done, why it is not done yet, how the observatory stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import shorten

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cscsim.blocks_of_text import section
from cscsim.style import STATES, duration, time_of, took
from procedures.replay.picture import DANGER, ComponentNow, Flight, OpenCondition, Picture
from procedures.replay.timers import Ringing

__all__ = ["component_lines", "condition_line", "picture_page"]

_TRUTHS = {True: ("✓ true", "green"), False: ("✗ false", "red"), None: ("? unknown", "yellow")}
_DANGERS = {True: ("✗ true", "red"), False: ("✓ false", "green"), None: ("✓ unknown", "green")}
_MOST_TIMERS = 12
_LONGEST = 90


def picture_page(picture: Picture) -> Iterator[RenderableType]:
    """Return the page, part by part."""
    yield from section("What is being done")
    if picture.steps:
        yield from _steps(picture)
    else:
        yield Text("no step is under way", style="dim")
    failing = [(name, item) for name, item in picture.ends if item.truth is not True]
    if picture.ends:
        yield from section(f"In the end must hold: {len(picture.ends)}, {len(failing)} not yet")
        yield from (line for name, item in failing for line in condition_line(item, name))
    if picture.waits:
        yield from section("Who waits for what")
        yield _waits(picture)
    if picture.flights:
        yield from section("Commands in flight")
        yield from (line for flight in picture.flights for line in _flight(flight, picture.t))
    shown = [timer for timer in picture.timers if timer.kind != "sample"]
    if shown:
        yield from section("What rings next")
        yield _timers(shown, picture.t)
    yield from section("How the observatory stands")
    yield _components(picture)


def condition_line(item: OpenCondition, name: str = "") -> Iterator[RenderableType]:
    """Write a condition with its truth, and below why it is so."""
    is_danger = item.role == DANGER
    word, style = (_DANGERS if is_danger else _TRUTHS)[item.truth]
    role = Text.assemble((f"{name} " if name else "", "cyan"), (f"{item.role} " if item.role else "", "dim"))
    yield Text.assemble((f"{word:<9} ", style), role, (item.condition, "bold"))
    if item.truth is not True and item.because and not is_danger:
        yield Padding(Text(item.because, style=style), (0, 0, 0, 10))


def _steps(picture: Picture) -> Iterator[RenderableType]:
    for who, steps in groupby(picture.steps, key=lambda step: step.who):
        yield Text(who, style="cyan")
        for step in steps:
            since = f"{time_of(step.since)}  for {took(picture.t - step.since):<8}"
            line = Text.assemble((since, "dim"), "  " * step.depth, (f"{step.id}  ", "cyan"), (step.name, "bold"))
            margin = 2 * step.depth + 4
            yield Padding(line, (0, 0, 0, 2))
            if step.does and step.does != step.name:
                yield Padding(Text(shorten(step.does, _LONGEST, placeholder=" …"), style="dim"), (0, 0, 0, margin))
            for item in step.conditions:
                yield from (Padding(part, (0, 0, 0, margin)) for part in condition_line(item))


def _waits(picture: Picture) -> Table:
    table = _grid(2)
    for wait in picture.waits:
        table.add_row(Text(wait.who, style="cyan"), wait.what)
    return table


def _flight(flight: Flight, now: float) -> Iterator[RenderableType]:
    fields = ", ".join(f"{key}={value}" for key, value in flight.data.items())
    line = Text.assemble((f"{flight.to}.{flight.command}", "bold"), f" {shorten(fields, 50)}" if fields else "")
    line.append(f"  by {flight.by}, {flight.where}, sent {took(now - flight.since)} ago", style="dim")
    yield line
    if flight.done is not None:
        yield from (Padding(part, (0, 0, 0, 2)) for part in condition_line(flight.done))


def _timers(timers: Sequence[Ringing], now: float) -> Table:
    table = _grid(4)
    for timer in timers[:_MOST_TIMERS]:
        who = f"{timer.who}.{timer.machine}" if timer.machine else timer.who
        what = shorten(timer.what, _LONGEST, placeholder=" …")
        table.add_row(
            time_of(timer.at), Text(f"in {duration(timer.at - now)}", style="dim"), Text(who, style="cyan"), what
        )
    if len(timers) > _MOST_TIMERS:
        table.add_row("", "", "", Text(f"and {len(timers) - _MOST_TIMERS} later ones", style="dim"))
    return table


def _components(picture: Picture) -> Table:
    table = _grid(3)
    left = {component.name: component for component in picture.components}
    for group, members in (*picture.groups.items(), ("others", tuple(left))):
        label = group
        for name in [name for name in left if name in members]:
            component = left.pop(name)
            letter, style = STATES.get(component.summary_state or "", ("–", "dim"))
            chip = Text.assemble((f" {letter} ", style), f" {component.name}")
            table.add_row(Text(label, style="dim"), chip, _stacked(list(component_lines(component))))
            label = ""
    return table


def component_lines(component: ComponentNow, *, everything: bool = False) -> Iterator[RenderableType]:
    """Write a component's faults and machines; of the machines those that have left their first state or are timed."""
    for fault in component.faults:
        yield Text(f"fault {fault}", style="bold red")
    machines = [
        machine
        for machine in component.machines
        if everything or machine.state != machine.initial or machine.until is not None
    ]
    line = Text()
    for machine in machines:
        line.append(" · " if line else "", style="dim").append(f"{machine.name} ", style="dim").append(machine.state)
        if machine.until is not None:
            line.append(f" (rings {time_of(machine.until)})", style="yellow")
    if line or not component.faults:
        yield line


def _stacked(lines: Sequence[RenderableType]) -> Table:
    table = _grid(1)
    for line in lines:
        table.add_row(line)
    return table


def _grid(columns: int) -> Table:
    table = Table.grid(padding=(0, 2))
    for number in range(columns):
        table.add_column(overflow="fold", no_wrap=number < columns - 1)
    return table
