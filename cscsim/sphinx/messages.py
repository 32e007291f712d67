"""Commands and topics on a page: their fields, what they need, when they are done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from docutils import nodes

from csc import Command, Field, Topic
from cscsim.sphinx.words import Words, bullets, code, joined, paragraph, said, strong, table
from fsm import Value, format_value

__all__ = ["command", "topics"]


def command(plan: Command) -> Iterator[nodes.Node]:
    """Yield what stands below a command's heading."""
    if plan.meaning:
        yield paragraph(said(plan.meaning))
    if not plan.simulated:
        yield paragraph("Not simulated: it is refused.")
    yield from _fields(plan.fields.values())
    facts = list(_facts(plan))
    if facts:
        yield bullets(facts)


def _facts(plan: Command) -> Iterator[Words]:
    text = nodes.Text
    if plan.states != ("ENABLED",):
        yield [text(f"Taken in {' or '.join(plan.states)}.")]
    for guard in plan.guards:
        yield [text("Needs "), code(guard.that), text("; else “"), *said(guard.otherwise.text), text("”")]
    if plan.ignored_when is not None:
        yield [text("Does nothing if "), code(plan.ignored_when), text(".")]
    if plan.done is not None:
        yield [text("Done when "), code(plan.done), text(".")]
    for item in plan.fails:
        yield [text("Fails when "), code(item.when), text(": “"), *said(item.because.text), text("”")]
    if plan.limit is not None:
        yield [text("Limit "), code(plan.limit), text(".")]
    if plan.endless is not None:
        yield [text("No limit of its own: "), *said(plan.endless), text(".")]
    if plan.in_progress is not None:
        yield [text("Asks its sender to wait "), code(plan.in_progress), text(" longer.")]
    if not plan.allow_concurrent:
        yield [text("One at a time: the next waits.")]


def _fields(fields: Iterable[Field]) -> list[nodes.Node]:
    rows = [([code(field.name)], _type(field), _unit(field), _allowed(field), said(field.meaning)) for field in fields]
    return table(("field", "type", "unit", "allowed", "meaning"), rows)


def topics(plans: Mapping[str, Topic], anchor: Callable[[str], Words] = lambda name: ()) -> list[nodes.Node]:
    """Return events or telemetry with their fields.

    Parameters
    ----------
    plans
        The topics.
    anchor
        What stands before a topic's name, so that it can be linked to.
    """
    rows: list[tuple[Words, ...]] = []
    for name, topic in plans.items():
        every = f" Every {format_value(topic.cadence, 's')}." if topic.cadence is not None else ""
        every = every if topic.simulated else " Not simulated: it is never sent."
        rows.append(([*anchor(name), strong(name)], [], [], [*said(topic.meaning), nodes.Text(every)]))
        rows += [([code(field.name)], _type(field), _unit(field), _meaning(field)) for field in topic.fields.values()]
    return table(("topic and fields", "type", "unit", "meaning"), rows)


def _meaning(field: Field) -> Words:
    words = said(field.meaning)
    if field.enum is not None or field.bits is not None:
        words = [*words, nodes.Text(" (" if words else ""), *_allowed(field), nodes.Text(")" if words else "")]
    if field.stamp:
        return [*words, nodes.Text(" TAI of its sending.")]
    if field.parameter is not None:
        return [*words, nodes.Text("; always the parameter "), code(field.parameter)]
    if field.value is not None:
        return [*words, nodes.Text("; always "), code(_sent(field, field.value) or "empty")]
    return words


def _type(field: Field) -> Words:
    words = field.type.replace(" ", "\N{NO-BREAK SPACE}")
    return [nodes.Text(f"{words}[{field.length}]" if field.length > 1 else words)]


def _unit(field: Field) -> Words:
    return [nodes.Text(field.sent_unit)] if field.sent_unit else []


def _sent(field: Field, value: Value) -> str:
    """Write a canonical value as it is sent, in the field's own unit."""
    if field.scale != 1.0 and isinstance(value, int | float):
        value = value / field.scale
    return format_value(value, field.sent_unit)


def _allowed(field: Field) -> list[nodes.Node]:
    if field.enum is not None:
        return joined([nodes.Text(f"{number} "), code(name)] for name, number in field.enum.items())
    if field.bits is not None:
        return joined([nodes.Text(f"{number:#x} "), code(name)] for name, number in field.bits.items())
    if field.range is not None:
        return [nodes.Text(" – ".join(_sent(field, end) for end in field.range))]
    return []
