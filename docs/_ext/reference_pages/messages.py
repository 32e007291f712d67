"""Commands and topics on a page: their fields, what they need, when they are done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from csc import Command, Field, Topic
from fsm import format_value
from reference_pages.markdown import code, prose, table, target

__all__ = ["command_section", "topic_table"]


def command_section(name: str, command: Command, component: str) -> Iterator[str]:
    """Yield the section about a command; `component` is part of its label."""
    yield f"({target('command', component, name)})=\n"
    yield f"### {name}\n"
    if command.meaning:
        yield f"{prose(command.meaning)}\n"
    if not command.simulated:
        yield "Not simulated: it is refused.\n"
    yield _fields(command.fields.values())
    facts = []
    if command.states != ("ENABLED",):
        facts.append(f"Taken in {' or '.join(command.states)}.")
    facts += [f"Needs {code(guard.that)}; else “{prose(guard.otherwise.text)}”" for guard in command.guards]
    if command.ignored_when is not None:
        facts.append(f"Does nothing if {code(command.ignored_when)}.")
    if command.done is not None:
        facts.append(f"Done when {code(command.done)}.")
    facts += [f"Fails when {code(item.when)}: “{prose(item.because.text)}”" for item in command.fails]
    if command.limit is not None:
        facts.append(f"Limit {code(command.limit)}.")
    if command.endless is not None:
        facts.append(f"No limit of its own: {prose(command.endless)}.")
    if command.in_progress is not None:
        facts.append(f"Asks its sender to wait {code(command.in_progress)} longer.")
    if not command.allow_concurrent:
        facts.append("One at a time: the next waits.")
    if facts:
        yield "\n".join(f"- {fact}" for fact in facts) + "\n"


def _fields(fields: Iterable[Field]) -> str:
    rows = [(code(field.name), _type(field), field.unit or "", _range(field), prose(field.meaning)) for field in fields]
    return table(("field", "type", "unit", "allowed", "meaning"), rows)


def _type(field: Field) -> str:
    words = field.type.replace(" ", "\N{NO-BREAK SPACE}")
    return f"{words}\\[{field.length}\\]" if field.length > 1 else words


def _range(field: Field) -> str:
    if field.enum is not None:
        return ", ".join(f"{number} {code(name)}" for name, number in field.enum.items())
    if field.bits is not None:
        return ", ".join(f"{number:#x} {code(name)}" for name, number in field.bits.items())
    if field.range is not None:
        return " – ".join(format_value(end, field.unit) for end in field.range)
    return ""


def _constant(field: Field) -> str:
    if field.parameter is not None:
        return f"; always the parameter {code(field.parameter)}"
    if field.value is None:
        return ""
    return f"; always {code(format_value(field.value, field.unit) or 'empty')}"


def topic_table(topics: Mapping[str, Topic]) -> str:
    """Return events or telemetry with their fields."""
    rows: list[tuple[str, ...]] = []
    for name, topic in topics.items():
        every = f" Every {format_value(topic.cadence, 's')}." if topic.cadence is not None else ""
        every = every if topic.simulated else " Not simulated: it is never sent."
        rows.append((f"**{name}**", "", "", f"{prose(topic.meaning)}{every}"))
        for field in topic.fields.values():
            values = f" ({_range(field)})" if field.enum is not None or field.bits is not None else ""
            said = " TAI of its sending." if field.stamp else _constant(field)
            rows.append((code(field.name), _type(field), field.unit or "", prose(field.meaning) + values + said))
    return table(("topic and fields", "type", "unit", "meaning"), rows)
