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
from fsm import Expression, Template
from procedures import Procedure, Step, inner_steps, model
from procedures.model import Argument, Check

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
    if procedure.contingency:
        yield from section("If it does not work")
        yield from bullets(procedure.contingency)
    if procedure.sources:
        yield from section("Sources")
        yield from bullets(procedure.sources)


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
    words = Text("\n".join(line for line in _detail(step) if line not in step.name), style="dim")
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


def _detail(step: Step) -> list[str]:
    """Say what a step does, in the words of its file, line by line."""
    return [line for line in _told(step).splitlines() if line]


def _told(step: Step) -> str:
    match step:
        case model.Command():
            return f"{step.component}.{step.command} {_fields(step.fields)}".strip()
        case model.SummaryStateStep():
            return f"bring {_text(step.of)} to {_text(step.to)}"
        case model.Wait():
            if step.until is not None:
                return f"wait until {step.until}"
            return f"wait for event {'.'.join(step.event)}" if step.event else f"wait {_text(step.duration)}"
        case model.Expect():
            return f"expect {step.check.that}"
        case model.Confirm():
            return step.question.text.strip() + "".join(f"\nlook at {place}" for place in step.look_at)
        case model.Announce():
            return step.text.text.strip()
        case model.Call():
            where = f" by {step.via}" if step.via else ""
            return f"run {_text(step.procedure)}{where} {_fields(step.config or {})}".strip()
        case model.Block():
            return f"run {_text(step.block)} by {step.via}"
        case model.When():
            return f"when {step.condition}"
        case model.ForEach():
            return f"for each {step.item} of {step.of}"
        case model.Repeat():
            until = f" until {step.until}" if step.until is not None else ""
            return f"up to {step.times} times{until}"
        case model.TakeImages():
            return f"{_text(step.count)} × {_text(step.image_type)} of {_text(step.exposure_times)} by {step.camera}"
        case model.Log():
            return step.text.text
        case model.Checkpoint():
            return step.text.text
        case model.Let():
            return ", ".join(f"{name} = {expression}" for name, expression in step.values)
        case model.Pipeline():
            return f"{step.ocps} processes {_text(step.pipeline)}"
        case model.Background():
            return f"meanwhile, as {step.task}"
        case _:
            return ""


def _fields(fields: Mapping[str, Argument]) -> str:
    return ", ".join(f"{key}={_text(value)}" for key, value in fields.items())


def _text(value: Argument) -> str:
    match value:
        case Expression():
            return str(value)
        case Template():
            return value.text
        case Mapping():
            return f"{{{_fields(value)}}}"
        case tuple():
            return f"[{', '.join(_text(item) for item in value)}]"
        case None:
            return "null"
        case _:
            return str(value)
