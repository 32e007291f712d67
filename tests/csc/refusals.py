"""Which commands a behaviour may refuse by itself, as its source says: those whose ``do_`` comes to a refusal."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from csc import Behaviour

__all__ = ["refused_by"]


def refused_by(behaviour: type[Any]) -> set[str]:
    """Return the commands whose ``do_`` method raises `Refused`, or calls something of csc that does."""
    names = {name for name in dir(behaviour) if name.startswith("do_")}
    return {name.removeprefix("do_") for name in names if _may_refuse(behaviour, getattr(behaviour, name), set())}


def _may_refuse(behaviour: type[Any], function: Callable[..., Any], seen: set[Any]) -> bool:
    if function in seen:
        return False
    seen.add(function)
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    if any(isinstance(node, ast.Raise) and _name(node.exc) == "Refused" for node in ast.walk(tree)):
        return True
    return any(_may_refuse(behaviour, called, seen) for called in _called(behaviour, function, tree))


def _name(node: ast.expr | None) -> str:
    if isinstance(node, ast.Call):
        return _name(node.func)
    return node.id if isinstance(node, ast.Name) else ""


def _called(behaviour: type[Any], function: Callable[..., Any], tree: ast.AST) -> Iterator[Callable[..., Any]]:
    """Yield the behaviour's own methods and the functions of csc that a function calls."""
    space = inspect.getmodule(function).__dict__
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called: Any = None
        if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) in ("self", "super()"):
            called = getattr(behaviour, node.func.attr, None)
        elif isinstance(node.func, ast.Name):
            called = space.get(node.func.id)
        elif isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            called = getattr(space.get(node.func.value.id), node.func.attr, None)
        if inspect.isfunction(called) or inspect.ismethod(called):
            plain = inspect.unwrap(getattr(called, "__func__", called))
            if plain.__module__.startswith("csc.") and not hasattr(Behaviour, plain.__name__):
                yield plain
