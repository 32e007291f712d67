"""What stands beside an arrow: the lines of a transition's label, before any format's own escapes.

UML's order: what triggers it, ``[`` what must hold ``]``, ``/`` what it emits; then the error it leads to.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from fsm.conditions import Expression, Quantity, Scope, format_quantity
from fsm.statechart import Transition

__all__ = ["FAULT_MARK", "explain_row", "explain_time", "wrap_condition", "wrap_words"]

FAULT_MARK = "⚠"
"""Stands before the error of a row that leads to FAULT: a sign as well as a colour."""

_SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠"}
_LINES = 5
"""Lines of a guard that are shown; the data sheet has the rest."""


def explain_time(time: Expression, defaults: Scope | None = None) -> str:
    """Write a row's time: ``900 s``, or for what is not a plain time its value too: ``warmup (900 s)``."""
    value = time.evaluate(defaults) if defaults is not None and time.names else None
    if not isinstance(value, int | float) or not isinstance(time.subject, Quantity):
        return str(time)
    return f"{time} ({format_quantity(value, time.subject.unit)})"


def explain_row(row: Transition, *, width: int, defaults: Scope | None = None) -> list[str]:
    """Return the lines of a row's label.

    Parameters
    ----------
    row
        The transition.
    width
        Characters of a line; a longer name stands alone.
    defaults
        Where the values of parameters are found that a timed row names.
    """
    trigger = ", ".join(row.on) if row.after is None else f"after {explain_time(row.after, defaults)}"
    lines = wrap_words(trigger, width)
    if row.guard is not None:
        lines += wrap_condition(f"[{row.guard}]", width)
    if row.emits:
        lines += wrap_words(f"/ {', '.join(row.emits)}", width)
    if row.fault is not None:
        lines.append(f"{FAULT_MARK}\N{NO-BREAK SPACE}{row.fault}")
    return lines


def wrap_words(text: str, width: int) -> list[str]:
    """Break a text into lines at its spaces, with lines as even as they can be."""
    lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    for narrower in range(width - 1, 0, -1):
        evener = textwrap.wrap(text, narrower, break_long_words=False, break_on_hyphens=False)
        if len(evener) > len(lines):
            break
        lines = evener
    return lines


def wrap_condition(text: str, width: int) -> list[str]:
    """Break a condition into lines, before `and` and `or` where it can be; shorten it if it is long."""
    for sign, written in _SIGNS.items():
        text = text.replace(f" {sign} ", f" {written} ")
    lines = list(_packed(text, width))
    if len(lines) > _LINES:
        lines = [*lines[: _LINES - 1], "…]" if text.endswith("]") and text.startswith("[") else "…"]
    return lines


def _packed(text: str, width: int) -> Iterator[str]:
    line = ""
    for clause in re.split(r" (?=(?:and|or) )", text):
        joined = f"{line} {clause}" if line else clause
        if len(joined) <= width:
            line = joined
            continue
        if line:
            yield line
        *whole, line = wrap_words(clause, width)
        yield from whole
    yield line
