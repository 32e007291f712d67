"""The type annotations of pydantic models, seen as the keys and values a document may have.

Answers three questions of an annotation: which branches it has, what lies under a key, which keys are valid.
"""

from __future__ import annotations

import types
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, Tag
from pydantic.fields import FieldInfo

from fsm.document import Key

__all__ = ["Branch", "branches", "inner", "keys"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One of the things an annotation allows.

    Attributes
    ----------
    annotation
        A model, a container or a plain type; neither a union nor ``Annotated``.
    tags
        What tells it from the other branches in a document.
    labels
        What pydantic may call it in the path of a complaint.
    """

    annotation: Any
    tags: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()

    def unlabelled(self) -> Branch:
        """Return the branch after its label has been read."""
        return replace(self, labels=frozenset())


def branches(annotation: Any) -> Iterator[Branch]:
    """Yield all that an annotation allows."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        tags = frozenset(item.tag for item in arguments[1:] if isinstance(item, Tag))
        for branch in branches(arguments[0]):
            yield replace(branch, tags=tags or branch.tags, labels=branch.labels | tags)
    elif origin in (Union, types.UnionType):
        for argument in arguments:
            yield from branches(argument)
    elif hasattr(annotation, "__value__"):  # a named alias
        yield from branches(annotation.__value__)
    elif _is_model(annotation) and issubclass(annotation, RootModel):
        yield from branches(annotation.model_fields["root"].annotation)
    elif _is_model(annotation):
        tags = frozenset(tag for field in annotation.model_fields.values() for tag in _literals(field))
        yield Branch(annotation=annotation, tags=tags, labels=tags | {annotation.__name__})
    else:
        yield Branch(annotation=annotation)


def inner(branch: Branch, key: Key) -> Iterator[Branch]:
    """Yield what a branch allows under a key or at an index."""
    origin, arguments = get_origin(branch.annotation), get_args(branch.annotation)
    if _is_model(branch.annotation):
        if (annotation := _fields(branch.annotation).get(str(key))) is not None:
            yield from branches(annotation)
    elif isinstance(origin, type) and arguments:
        if issubclass(origin, Mapping):
            yield from branches(arguments[1])
        elif issubclass(origin, Collection) and isinstance(key, int):
            items = [item for item in arguments if item is not Ellipsis]
            yield from branches(items[min(key, len(items) - 1)])


def keys(expected: Iterable[Branch]) -> set[str]:
    """Return the keys that one of the branches allows."""
    return {key for branch in expected if _is_model(branch.annotation) for key in _fields(branch.annotation)}


def _is_model(annotation: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {_spelling(name, field): field.annotation for name, field in model.model_fields.items()}


def _spelling(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias or field.alias
    return alias if isinstance(alias, str) else name


def _literals(field: FieldInfo) -> Iterator[str]:
    if get_origin(field.annotation) is Literal:
        yield from (value for value in get_args(field.annotation) if isinstance(value, str))
