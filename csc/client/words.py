"""What a client is told of commands and topics: their data sheets, as docstrings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from csc.blueprint import Command, Field, Topic
from csc.typed import kind_of
from fsm import format_quantity, nearest

__all__ = ["described_command", "described_topic", "meant"]

_ALL = 5
"""Summary states that there are."""


def meant(name: str, known: Iterable[str]) -> str:
    """Return what to add to a message about a name that is none: the nearest one."""
    hint = nearest(name, known)
    return f"; did you mean {hint}?" if hint else ""


def described_command(component: str, command: Command) -> str:
    """Return the docstring of a command: what it does, its fields, and who refuses it when."""
    parts = [command.meaning or f"Send {command.name} to {component}.", ""]
    parts += _fields(command.fields.values(), "Parameters")
    parts += _heading("Raises"), "AckError", *_indented(_refusals(command)), "AckTimeoutError"
    parts += _indented(["If no final acknowledgement comes within `timeout` [simulated s]."])
    return "\n".join(parts)


def described_topic(topic: Topic) -> str:
    """Return the docstring of an event or telemetry: what it says, how often, and its fields."""
    often = f"Every {topic.cadence:g} s (simulated) while somebody listens." if topic.cadence else "When it changes."
    return "\n".join([topic.meaning or topic.name, "", often, "", *_fields(topic.fields.values(), "Attributes")])


def _heading(text: str) -> str:
    return f"{text}\n{'-' * len(text)}"


def _fields(fields: Iterable[Field], title: str) -> Iterator[str]:
    found = list(fields)
    if not found:
        return
    yield _heading(title)
    for field in found:
        yield f"{field.name} : {kind_of(field)}"
        yield from _indented(_said_of(field))
    yield ""


def _said_of(field: Field) -> Iterator[str]:
    if field.meaning:
        yield field.meaning
    if field.range is not None:
        low, high = (end / field.scale for end in field.range)
        yield f"From {format_quantity(low, None)} to {format_quantity(high, field.sent_unit)}."
    for numbers, word in ((field.enum, "One of"), (field.bits, "Bits:")):
        if numbers:
            yield f"{word} {', '.join(f'{name} {number}' for name, number in numbers.items())}."


def _refusals(command: Command) -> Iterator[str]:
    if not command.simulated:
        yield "Always: it is not simulated."
        return
    if len(command.states) < _ALL:
        yield f"Unless the component is {' or '.join(command.states)}."
    for guard in command.guards:
        yield f"Unless {guard.that}: {guard.otherwise.text}"
    for failure in command.fails:
        yield f"When {failure.when}: {failure.because.text}"
    yield "If a field is out of range, or it is refused for another reason, which the error tells."


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"    {line}" for text in lines for line in text.splitlines())
