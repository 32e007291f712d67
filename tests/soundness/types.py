"""Whether messages and outputs are what a data sheet says: types, lengths, ranges, enumerations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from csc import Field, Output, Topic
from csc.fields import FLOAT_LIMIT, TEXT_LIMIT, WHOLE

__all__ = ["wrong_in", "wrong_with_output"]

KINDS: dict[str, tuple[type, ...]] = {
    "number": (int, float),
    "integer": (int,),
    "flag": (bool,),
    "text": (str,),
    "list": (tuple,),
}
"""What the value of an output is, by its type."""


def wrong_in(topic: Topic, data: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong in a message of a topic."""
    if data.keys() != topic.fields.keys():
        yield f"{topic.name} has the fields {sorted(data)} and not {sorted(topic.fields)}"
    for name, field in topic.fields.items():
        for text in _wrong_with(field, data.get(name)):
            yield f"{topic.name}.{name}={data.get(name)!r:.100} {text}"


def _wrong_with(field: Field, value: Any) -> Iterator[str]:
    if field.length == 1 or field.type == "string":
        yield from _wrong_with_one(field, value)
        return
    if not isinstance(value, tuple | list) or len(value) != field.length:
        yield f"is no array of {field.length}"
        return
    for item in dict.fromkeys(value):
        yield from _wrong_with_one(field, item)


def _wrong_with_one(field: Field, value: Any) -> Iterator[str]:
    if field.type == "string":
        if not isinstance(value, str) or len(value) > TEXT_LIMIT:
            yield "is no text, or too long"
        return
    if field.type == "boolean":
        if not isinstance(value, bool):
            yield "is no truth value"
        return
    if isinstance(value, bool) or not isinstance(value, int | float if field.is_real else int):
        yield f"is no {field.type}"
        return
    if field.type == "float" and FLOAT_LIMIT < abs(value) < float("inf"):
        yield "is more than a float holds"
    if field.type in WHOLE and not WHOLE[field.type][0] <= value <= WHOLE[field.type][1]:
        yield f"is more than a {field.type} holds"
    if field.range is not None and not field.range[0] <= value * field.scale <= field.range[1] and value == value:
        yield f"is out of range {field.range}"
    if field.enum is not None and value not in field.enum.values():
        yield f"is none of {dict(field.enum)}"


def wrong_with_output(output: Output, value: Any, *, sane: bool) -> Iterator[str]:
    """Yield what is wrong with the value of an output; its range counts while nothing is broken (`sane`)."""
    if value is None:
        return
    if not isinstance(value, KINDS[output.type]) or (isinstance(value, bool) and output.type != "flag"):
        yield f"{output.name}={value!r:.100} is no {output.type}"
    elif sane and output.range is not None and isinstance(value, int | float):
        if not output.range[0] <= value <= output.range[1]:
            yield f"{output.name}={value!r:.100} is out of range {output.range}"
