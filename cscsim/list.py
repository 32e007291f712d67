"""`cscsim list`: what there is to rehearse, and to break."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import click

from cscsim.errors import BAD_INPUT

if TYPE_CHECKING:
    from rich.console import RenderableType

    from csc import Fault

__all__ = ["command"]

Row: TypeAlias = dict[str, Any]


def _components() -> list[Row]:
    from csc import load_catalogue

    return [
        {
            "name": plan.component,
            "title": plan.title,
            "aliases": list(plan.aliases),
            "indices": {str(index): meaning for index, meaning in plan.indices.items()},
            "machines": list(plan.machines),
            "commands": list(plan.commands),
            "faults": list(plan.faults),
        }
        for _, plan in sorted(load_catalogue().items())
    ]


def _procedures() -> list[Row]:
    from cscsim.locate import Homes
    from fsm import AuthorError

    homes = Homes()
    rows: list[Row] = []
    for kind in ("rehearsal", "script", "part"):
        for name in sorted(homes.names(kind)):
            row: Row = {"kind": kind, "name": name}
            try:
                procedure = homes.of(name).library.find(name)
            except AuthorError as error:
                row["error"] = str(error)
            else:
                row["title"] = procedure.title
            rows.append(row)
    return rows


def _faults() -> list[Row]:
    from csc import load_catalogue

    return [
        {
            "name": f"{component}.{fault.name}",
            "component": component,
            "effect": fault.meaning,
            "parameters": _defaults(fault),
            "seen": fault.seen,
            "cure": fault.cure,
        }
        for component, plan in sorted(load_catalogue().items())
        for fault in plan.faults.values()
    ]


def _disturbances() -> list[Row]:
    from csc.disturbances import DISTURBANCES

    return [
        {
            "name": each.name,
            "effect": each.meaning,
            "parameters": {key: one.meaning for key, one in each.as_fault().parameters.items()},
            "seen": each.seen,
            "cure": each.cure,
        }
        for each in DISTURBANCES.values()
    ]


def _defaults(fault: Fault) -> Mapping[str, str]:
    from fsm import format_value

    return {name: format_value(each.default, each.unit) for name, each in fault.parameters.items()}


def _scenarios() -> list[Row]:
    from cscsim.locate import known, open_site
    from fsm import AuthorError

    site = open_site()
    rows: list[Row] = []
    for name in known("scenarios"):
        row: Row = {"name": name}
        try:
            scenario = site.scenario(name)
        except AuthorError as error:
            row["error"] = str(error)
        else:
            row |= {
                "title": scenario.title,
                "procedure": scenario.procedure,
                "faults": [str(fault) for fault in scenario.faults],
                "expects": list(scenario.expect.told()) if scenario.expect is not None else [],
                "lesson": " ".join(scenario.lesson.split()),
            }
        rows.append(row)
    return rows


def _trainings() -> list[Row]:
    from cscsim.course import course_rows

    return course_rows()


def _observatories() -> list[Row]:
    from cscsim.locate import known, open_site
    from fsm import AuthorError

    rows: list[Row] = []
    for name in known("observatories"):
        row: Row = {"name": name}
        try:
            sheet = open_site(name).sheet
        except AuthorError as error:
            row["error"] = str(error)
        else:
            row |= {"title": sheet.title, "components": list(sheet.components)}
        rows.append(row)
    return rows


def _parameter_sets() -> list[Row]:
    from cscsim.locate import known, open_parameter_set
    from fsm import AuthorError

    rows: list[Row] = []
    for name in known("parameters"):
        row: Row = {"name": name}
        try:
            values = open_parameter_set(name)
        except AuthorError as error:
            row["error"] = str(error)
        else:
            row |= {"title": values.title, "components": list(values.values)}
        rows.append(row)
    return rows


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a table: what it shows of a row."""

    title: str
    shown: Callable[[Row], str]
    justify: Literal["left", "right"] = "left"


def _plain(key: str) -> _Column:
    return _Column(key, lambda row: str(row.get(key, "")))


def _number(key: str) -> _Column:
    return _Column(key, lambda row: str(len(row.get(key, ()))), "right")


_NAME, _TITLE = _plain("name"), _plain("title")
_Form: TypeAlias = "tuple[_Column, ...] | None"
_KINDS: Mapping[str, tuple[Callable[[], list[Row]], _Form]] = {
    "components": (_components, (_NAME, _TITLE, _number("machines"), _number("commands"), _number("faults"))),
    "procedures": (_procedures, (_plain("kind"), _NAME, _TITLE)),
    "faults": (_faults, None),
    "disturbances": (
        _disturbances,
        (_NAME, _Column("parameters", lambda row: ", ".join(row["parameters"])), _plain("effect")),
    ),
    "scenarios": (_scenarios, None),
    "training": (
        _trainings,
        (
            _Column("no.", lambda row: str(row.get("number", "")), "right"),
            _NAME,
            _TITLE,
            _plain("procedure"),
            _Column("par", lambda row: f"{row['par_s'] / 60:.0f} min" if "par_s" in row else "", "right"),
        ),
    ),
    "observatories": (_observatories, (_NAME, _TITLE, _number("components"))),
    "parameters": (_parameter_sets, (_NAME, _TITLE, _number("components"))),
}
"""How each kind is found, and its columns; faults and scenarios have too much to say for columns."""


@click.command(name="list", short_help="list what there is")
@click.argument("kind", metavar="|".join(_KINDS))
@click.option("--json", "as_json", is_flag=True, help="print one JSON array")
def command(kind: str, as_json: bool) -> None:
    """List what there is of a kind; `cscsim show NAME` tells more of one."""
    if kind not in _KINDS:
        from fsm import AuthorError, nearest

        raise AuthorError(f"nothing can be listed as {kind}", suggestion=nearest(kind, _KINDS) or ", ".join(_KINDS))
    find, columns = _KINDS[kind]
    rows = find()
    if as_json:
        import orjson

        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
    elif columns is None:
        _LONG[kind](rows)
    else:
        _print_table(rows, columns)
    if any("error" in row for row in rows):
        raise SystemExit(BAD_INPUT)


def _print_faults(_: list[Row]) -> None:
    from rich.text import Text

    from csc import load_catalogue
    from cscsim.blocks_of_text import heading
    from cscsim.pages import fault_entry
    from cscsim.style import console_for, write

    plans = [plan for _, plan in sorted(load_catalogue().items()) if plan.faults]
    parts: list[RenderableType] = []
    for plan in plans:
        parts += [Text()] if parts else []
        parts += heading(plan.component, plan.title)
        for fault in plan.faults.values():
            parts += fault_entry(f"{plan.component}.{fault.name}", fault)
    write(console_for(), parts)


def _print_scenarios(rows: list[Row]) -> None:
    from rich.text import Text

    from cscsim.blocks_of_text import entry, heading
    from cscsim.style import console_for, write

    parts: list[RenderableType] = []
    for procedure in sorted({row["procedure"] for row in rows if "procedure" in row}):
        parts += [Text()] if parts else []
        parts += heading(procedure, "what may befall it")
        for row in (row for row in rows if row.get("procedure") == procedure):
            what: list[tuple[str, RenderableType]] = [("fault", fault) for fault in row["faults"]]
            parts += entry(row["name"], row["title"], [*what, ("lesson", row["lesson"])])
    for row in (row for row in rows if "error" in row):
        parts.append(Text(f"{row['name']} does not load: {row['error']}", style="red"))
    write(console_for(), parts)


_LONG: Mapping[str, Callable[[list[Row]], None]] = {"faults": _print_faults, "scenarios": _print_scenarios}
"""How what has too much to say for columns is printed."""


def _print_table(rows: list[Row], columns: tuple[_Column, ...]) -> None:
    from rich.table import Table
    from rich.text import Text

    from cscsim.style import console_for, write

    console = console_for(wide=True)
    if not rows:
        console.print("There are none.", style="dim")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        fixed = column.title in ("name", "kind")
        table.add_column(column.title, no_wrap=fixed, overflow="fold", justify=column.justify)
    for row in rows:
        cells = [Text(column.shown(row), style="bold" if column is _NAME else "") for column in columns]
        if "error" in row:
            cells[columns.index(_NAME) + 1] = Text(f"does not load: {row['error']}", style="red")
        table.add_row(*cells)
    write(console, [table])
