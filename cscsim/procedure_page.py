"""The page of `cscsim show` about a procedure: why, with what, step by step, and what to do when it fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from cscsim.blocks_of_text import bullets, heading, pairs, section
from procedures import Procedure, Step, inner_steps
from procedures.model import Check
from procedures.telling import tell

__all__ = ["procedure_page"]


def procedure_page(procedure: Procedure) -> Iterator[RenderableType]:
    """Return the page, part by part."""
    yield from heading(procedure.name, procedure.title)
    if procedure.overview.strip():
        yield Padding(procedure.overview.strip(), (0, 0, 0, 2))
    yield Text()
    duration = str(procedure.duration)
    yield from pairs(
        [
            ("kind", procedure.kind),
            ("duration", "" if duration in ("0", "0 s") else duration),
            ("commands", ", ".join(procedure.remotes)),
            ("begins", _beginning(procedure)),
            ("at home in", procedure.observatory or ""),
            ("file", procedure.file),
        ]
    )
    if procedure.warnings:
        yield from section("Warnings")
        yield from bullets(procedure.warnings, style="yellow")
    yield from section("Configuration")
    yield _configuration(procedure.config)
    if procedure.preconditions:
        yield from section("Before")
        yield from _checks(procedure.preconditions)
    yield from section("Steps")
    yield from _trees(procedure.steps)
    if procedure.postconditions:
        yield from section("Afterwards")
        yield from _checks(procedure.postconditions)
    if procedure.on_failure:
        yield from section("On failure")
        yield from _trees(procedure.on_failure)
    if procedure.cleanup:
        yield from section("On failure, or when it is stopped")
        yield from _trees(procedure.cleanup)
    if procedure.contingency:
        yield from section("If it does not work")
        yield from bullets(procedure.contingency)
    if procedure.sources:
        yield from section("Sources")
        yield from bullets(procedure.sources)


def _beginning(procedure: Procedure) -> str:
    """Say how the observatory is when a rehearsal begins."""
    there = procedure.begins
    if there is None:
        return ""
    parts = [there.start] if there.start else []
    parts += [f"{component} {state}" for component, state in there.states.items()]
    parts += [f"{component}.{key} {state}" for component, item in there.machines.items() for key, state in item.items()]
    parts += [
        f"{component}.{key} {value}" for component, item in there.parameters.items() for key, value in item.items()
    ]
    return ", ".join(parts)


def _configuration(schema: Mapping[str, Any] | None) -> RenderableType:
    properties = (schema or {}).get("properties", {})
    if not properties:
        return Text("It takes none.", style="dim")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("key", "type", "default", "meaning"):
        table.add_column(name, overflow="fold", no_wrap=name == "key")
    required = (schema or {}).get("required", ())
    for key, item in properties.items():
        if "default" in item:
            default = Text("null" if item["default"] is None else str(item["default"]) or "''")
        else:
            default = Text("required", style="yellow") if key in required else Text("–", style="dim")
        meaning = " ".join(str(item.get("description", "")).split())
        table.add_row(Text(key, style="bold"), _type_of(item), default, meaning)
    return table


def _type_of(item: Mapping[str, Any]) -> str:
    if "enum" in item:
        return "one of " + ", ".join(str(value) for value in item["enum"])
    kinds = item.get("type") or [branch.get("type", "?") for branch in item.get("anyOf", item.get("oneOf", ()))]
    text = kinds if isinstance(kinds, str) else " or ".join(str(kind) for kind in kinds)
    return f"{text} [{item['unit']}]" if "unit" in item else text


def _checks(checks: Sequence[Check]) -> Iterator[RenderableType]:
    yield from bullets(
        [f"{check.that}" + (f"  – {check.otherwise.text}" if check.otherwise else "") for check in checks]
    )


# ----------------------------------------------------------------------- steps


def _trees(steps: Sequence[Step]) -> Iterator[RenderableType]:
    for step in steps:
        yield _tree(step)


def _tree(step: Step) -> Tree:
    words = Text("\n".join(line for line in tell(step) if line not in step.name), style="dim")
    checks = [("before", check) for check in step.preconditions]
    checks += [("meanwhile", check) for check in step.invariants]
    checks += [("after", check) for check in step.postconditions]
    for what, check in checks:
        words.append("\n" if words else "").append(f"{what}: ", style="dim").append(str(check.that), style="default")
    title = Text.assemble((f"{step.id}  ", "cyan"), (step.name, "bold"))
    tree = Tree(Group(title, Padding(words, (0, 0, 0, 4))) if words else title, guide_style="bright_black")
    for label, inner in inner_steps(step):
        branch = tree.add(Text(label, style="italic dim")) if label else tree
        for each in inner:
            branch.add(_tree(each))
    if step.on_failure is not None:
        branch = tree.add(Text("if it fails" if step.on_failure else "a failure only warns", style="yellow"))
        for each in step.on_failure:
            branch.add(_tree(each))
    return tree
