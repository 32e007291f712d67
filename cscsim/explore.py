"""`cscsim explore`: everything that components can do, reached situation by situation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from cscsim.errors import NOT_PASSED

if TYPE_CHECKING:
    from csc import Blueprint, ObservatorySheet
    from csc.exploration import Part
    from fsm import Condition
    from fsm.explore import Progress

__all__ = ["command"]

MOST = 5_000_000
"""Situations that are reached at most, unless told otherwise."""
_PAUSE = 0.1
"""Time [s] between two looks at how far it is."""

_HELP = """\
Explore what components can do: every state that their data sheets let them reach together.

COMPONENT is a component by name, ATDome or OCPS:1; those that read each other are explored together. An observatory by
name or file stands for all of its components, each explored for itself, as they begin there. Commands come at any time
and with any fields, timers ring at any time, and what only a behaviour computes may be anything. Told are deadlocks,
invariants that break, states and transitions that never come about, guards that overlap and, with --faults, what brings
a component back after each fault.

\b
  cscsim explore ATWhiteLight ATDome ATCamera
  cscsim explore ATDome --faults
  cscsim explore ATCamera --invariant "ATCamera.shutter is CLOSED or ATCamera.rafts is INTEGRATING"

Exit code: 0 nothing grave was found, 1 something was, 2 bad input."""


@click.command(name="explore", help=_HELP, short_help="reach every state of components, find dead ends")
@click.argument("names", nargs=-1, required=True, metavar="COMPONENT...|OBSERVATORY")
@click.option("--faults", is_flag=True, help="let each fault happen too, one at a time")
@click.option("--invariant", "invariants", multiple=True, metavar="CONDITION", help="what should always hold")
@click.option(
    "--max-states",
    "limit",
    type=click.IntRange(min=1),
    default=MOST,
    show_default=True,
    metavar="N",
    help="stop when so many situations of what is explored together were reached",
)
@click.option("--all", "everything", is_flag=True, help="show what is only worth a look, too")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def command(
    names: tuple[str, ...], faults: bool, invariants: tuple[str, ...], limit: int, everything: bool, as_json: bool
) -> None:
    """Explore and report."""
    from csc import load_catalogue
    from csc.exploration import explore_components
    from cscsim.explored_page import page_of
    from cscsim.style import console_for, write

    catalogue = load_catalogue()
    sheet = _observatory(names)
    parts = _parts_of(sheet) if sheet is not None else [_part(name) for name in dict.fromkeys(names)]
    conditions, groups = _conditions(invariants, parts, sheet)
    with _progress() as notice:
        report = explore_components(
            parts,
            catalogue,
            faults=faults,
            invariants=conditions,
            groups=groups,
            together=sheet is None,
            limit=limit,
            notice=notice,
        )
    if as_json:
        import orjson

        click.echo(orjson.dumps(report.as_data()))
    else:
        write(console_for(), page_of(report, faults=faults, everything=everything))
    if report.is_grave:
        raise SystemExit(NOT_PASSED)


def _observatory(names: tuple[str, ...]) -> ObservatorySheet | None:
    """Return the observatory that is named; None if components are."""
    from cscsim.locate import known, open_site
    from fsm import AuthorError

    if not any(name in known("observatories") or "/" in name or name.endswith(".yaml") for name in names):
        return None
    if len(names) > 1:
        raise AuthorError("an observatory is explored alone; name one observatory, or components")
    return open_site(names[0]).sheet


def _parts_of(sheet: ObservatorySheet) -> list[Part]:
    """Return the components of an observatory, as they begin there."""
    from csc import load_catalogue
    from csc.exploration import Part
    from csc.values import read_value

    parts = []
    for name, placed in sheet.components.items():
        plan = load_catalogue()[name.partition(":")[0]]
        values = {key: read_value(plan.parameters[key], raw) for key, raw in placed.parameters.items()}
        parts.append(Part(name=name, plan=plan, state=placed.state, machines=placed.machines, parameters=values))
    return parts


def _part(name: str) -> Part:
    from csc import load_catalogue
    from csc.exploration import Part
    from fsm import AuthorError

    component, colon, index = name.partition(":")
    plan: Blueprint = load_catalogue().find(component)
    if colon and index not in map(str, plan.indices):
        indices = f"index {' or '.join(map(str, plan.indices))}" if plan.indices else "no index"
        raise AuthorError(f"{plan.component} takes {indices}, not {index or 'none'}")
    return Part(name=plan.component + colon + index, plan=plan)


def _conditions(
    texts: Sequence[str], parts: Sequence[Part], sheet: ObservatorySheet | None
) -> tuple[list[Condition], dict[str, tuple[str, ...]]]:
    """Read what should always hold; anything in the components that are explored may be named, published or not."""
    from csc import ObservatoryVocabulary
    from fsm import parse_condition

    groups = dict(sheet.groups) if sheet is not None else {}
    vocabulary = ObservatoryVocabulary({part.name: part.plan for part in parts}, groups, truth=True)
    return [parse_condition(text, vocabulary) for text in texts], groups


@contextmanager
def _progress() -> Iterator[Callable[[str, Progress], object] | None]:
    """Show on a terminal how far it is; elsewhere nothing is shown."""
    from rich.live import Live
    from rich.text import Text

    from cscsim.explored_page import counts
    from cscsim.style import console_for, is_live

    console = console_for(stderr=True)
    if not is_live(console):
        yield None
        return
    began: dict[str, float] = {}
    shown = 0.0
    with Live(console=console, transient=True, auto_refresh=False) as live:

        def notice(name: str, progress: Progress) -> None:
            nonlocal shown
            now = time.monotonic()
            since = began.setdefault(name, now)
            if now - shown < _PAUSE:
                return
            shown = now
            speed = progress.situations / max(now - since, _PAUSE)
            line = f"{name}: {counts(progress.situations)} situations, {progress.depth} actions deep"
            live.update(Text(f"{line}, {counts(speed)} a second"), refresh=True)

        yield notice
