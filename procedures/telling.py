"""What a step does, in the words of its file."""

from __future__ import annotations

from collections.abc import Mapping

from fsm import Expression, Template
from procedures import model
from procedures.model import Argument, Step

__all__ = ["tell", "tell_value"]


def tell(step: Step) -> list[str]:
    """Say what a step does, line by line; nothing where its name says it all."""
    return [line for line in _told(step).splitlines() if line]


def _told(step: Step) -> str:
    match step:
        case model.Command():
            return f"{step.component}.{step.command} {_fields(step.fields)}".strip()
        case model.SummaryStateStep():
            return f"bring {tell_value(step.of)} to {tell_value(step.to)}"
        case model.Wait():
            if step.until is not None:
                return f"wait until {step.until}"
            return f"wait for event {'.'.join(step.event)}" if step.event else f"wait {tell_value(step.duration)}"
        case model.Expect():
            return f"expect {step.check.that}"
        case model.Confirm():
            return step.question.text.strip() + "".join(f"\nlook at {place}" for place in step.look_at)
        case model.Announce():
            return step.text.text.strip()
        case model.Call():
            where = f" by {step.via}" if step.via else ""
            return f"run {tell_value(step.procedure)}{where} {_fields(step.config or {})}".strip()
        case model.Block():
            return f"run {tell_value(step.block)} by {step.via}"
        case model.When():
            return f"when {step.condition}"
        case model.ForEach():
            return f"for each {step.item} of {step.of}"
        case model.Repeat():
            until = f" until {step.until}" if step.until is not None else ""
            return f"up to {step.times} times{until}"
        case model.TakeImages():
            what = f"{tell_value(step.count)} × {tell_value(step.image_type)} of {tell_value(step.exposure_times)}"
            return f"{what} by {tell_value(step.camera)}"
        case model.Log():
            return step.text.text
        case model.Checkpoint():
            return step.text.text
        case model.Let():
            return ", ".join(f"{name} = {expression}" for name, expression in step.values)
        case model.Pipeline():
            return f"{tell_value(step.ocps)} processes {tell_value(step.pipeline)}"
        case model.Background():
            return f"meanwhile, as {step.task}"
        case _:
            return ""


def _fields(fields: Mapping[str, Argument]) -> str:
    return ", ".join(f"{key}={tell_value(value)}" for key, value in fields.items())


def tell_value(value: Argument) -> str:
    """Write an argument as its author did."""
    match value:
        case Expression():
            return str(value)
        case Template():
            return value.text
        case Mapping():
            return f"{{{_fields(value)}}}"
        case tuple():
            return f"[{', '.join(tell_value(item) for item in value)}]"
        case None:
            return "null"
        case _:
            return str(value)
