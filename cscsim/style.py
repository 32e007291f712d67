"""How states, times and counts are written: letters and words first, colour beside them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from csc.palette import SUMMARY_COLOURS

__all__ = [
    "STATES",
    "StateChips",
    "console_for",
    "counts",
    "duration",
    "is_live",
    "outcome_mark",
    "readings_line",
    "time_of",
    "took",
    "write",
]

STATES: Mapping[str, tuple[str, str]] = {
    state: (colour.letter, colour.style) for state, colour in SUMMARY_COLOURS.items()
}
"""Letter and colour of each summary state."""

_OUTCOMES = {
    "done": ("✓", "green"),
    "failed": ("✗ failed", "bold red"),
    "stopped": ("■ stopped", "yellow"),
    "running": ("▶ running", "cyan"),
}


def console_for(*, stderr: bool = False, wide: bool = False) -> Console:
    """Return a console; what goes to a file or a pipe is 120 columns wide, or `wide` enough to keep rows whole."""
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal and not os.environ.get("COLUMNS", "").isdigit():
        console.width = 240 if wide else 120
    return console


def is_live(console: Console) -> bool:
    """Tell whether somebody sits before it, and something on it may change."""
    return console.is_terminal and console.file.isatty() and not console.is_dumb_terminal


def write(console: Console, parts: Iterable[RenderableType]) -> None:
    """Write something, part by part; in a file or a pipe, lines end where their words do.

    Text that is not to be wrapped, such as a command to be copied, goes on beyond the width.
    """
    if console.file.isatty():
        _print(console, parts)
        return
    with console.capture() as capture:
        _print(console, parts)
    console.file.write("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))


def _print(console: Console, parts: Iterable[RenderableType]) -> None:
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, Text) and bool(part.no_wrap))


def time_of(seconds: float) -> str:
    """Write a time since the start [s] as h:mm:ss.

    >>> time_of(4472.4)
    '1:14:32'
    """
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def duration(seconds: float) -> str:
    """Write a length of time [s] in the two units that matter.

    >>> [duration(s) for s in (0.0004, 0.31, 12.34, 75, 900, 4472.4, 86400 * 3)]
    ['0.4 ms', '0.31 s', '12.3 s', '1 min 15 s', '15 min', '1 h 14 min', '3 d']
    """
    if seconds < 0.1:
        return f"{seconds * 1000:.3g} ms" if seconds else "0 s"
    if seconds < 59.95:
        return f"{seconds:.3g} s"
    whole = round(seconds)
    for size, unit, smaller, name in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // smaller
            return f"{whole // size} {unit}" + (f" {rest} {name}" if rest else "")
    return f"{seconds:.3g} s"  # pragma: no cover  # shorter than a minute was handled above


def took(seconds: float) -> str:
    """Write a length of time [s] to stand in a column beside times.

    >>> [took(s) for s in (0.0, 0.1, 1.234, 23.0, 4624.0)]
    ['0 s', '0.1 s', '1.2 s', '23 s', '1:17:04']
    """
    if seconds < 59.5:
        return f"{seconds:.1f} s" if 0 < seconds < 9.95 else f"{seconds:.0f} s"
    return time_of(round(seconds))


def counts(adu: float) -> str:
    """Write counts [adu] with a thin gap between thousands.

    >>> counts(29411.6)
    '29 412'
    """
    return f"{adu:,.0f}".replace(",", " ") if abs(adu) >= 100 else f"{adu:.1f}"


def outcome_mark(outcome: str) -> Text:
    """Write how something ended: sign, word and colour."""
    text, style = _OUTCOMES.get(outcome, (outcome, ""))
    return Text(text, style=style)


def state_chip(name: str, state: str | None) -> Text:
    """Write a component with its summary state as letter and colour."""
    letter, style = STATES.get(state or "", ("–", "dim"))
    return Text.assemble((f" {letter} ", style), " ", name)


class StateChips:
    """Components side by side; lines break between them only.

    Parameters
    ----------
    states
        Name and summary state of each.
    """

    def __init__(self, states: Iterable[tuple[str, str | None]]) -> None:
        self._chips = [state_chip(name, state) for name, state in states]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line = Text()
        for chip in self._chips:
            if line and line.cell_len + 2 + chip.cell_len > options.max_width:
                yield line
                line = Text()
            line.append("  " if line else "").append_text(chip)
        yield line


def readings_line(readings: Iterable[tuple[str, str]]) -> Text:
    """Write the readings of a gauge, each a word, perhaps empty, and a value."""
    line = Text()
    for word, value in readings:
        line.append(" · " if line else "", style="dim").append(f"{word} " if word else "", style="dim").append(value)
    return line
