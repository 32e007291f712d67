"""What behaviours do that only their source says: outputs that they set, triggers and faults, commands to others."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from csc import Behaviour

__all__ = ["Deeds", "deeds_of"]

ANYTHING = r"\w+"


@dataclass
class Deeds:
    """Names, each as a pattern: an f-string names many, a variable names anything.

    Attributes
    ----------
    sets, fires, fails
        Outputs that are set, triggers that are fired, errors that lead to FAULT.
    words
        Every text in the source; a name that is handed on as a variable is one of them.
    """

    sets: set[str] = field(default_factory=set)
    fires: set[str] = field(default_factory=set)
    fails: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)

    def unstated(self, what: str, stated: Iterable[str]) -> list[str]:
        """Return the patterns that no stated name fits."""
        return sorted(
            pattern for pattern in getattr(self, what) if not any(re.fullmatch(pattern, name) for name in stated)
        )

    def unused(self, what: str, stated: Iterable[str]) -> list[str]:
        """Return the stated names that nothing in the source is about."""
        patterns = getattr(self, what)
        exact = patterns - {ANYTHING}
        names = [name for name in stated if not any(re.fullmatch(pattern, name) for pattern in exact)]
        if ANYTHING not in patterns:
            return names
        return [name for name in names if name not in self.words]


def deeds_of(behaviour: type[Any]) -> Deeds:
    """Read the source of a behaviour and of the classes that it is made of."""
    deeds = Deeds()
    for kind in behaviour.__mro__:
        if kind in (Behaviour, object):
            continue
        tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                _read(function, deeds)
        deeds.words.update(_words(ast.parse(inspect.getsource(inspect.getmodule(kind) or kind))))
    return deeds


def _read(function: ast.FunctionDef | ast.AsyncFunctionDef, deeds: Deeds) -> None:
    stores = {"self.v", *_aliases(function)}
    for node in ast.walk(function):
        for target in _targets(node):
            if isinstance(target, ast.Attribute) and ast.unparse(target.value) in stores:
                deeds.sets.add(re.escape(target.attr))
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called == "setattr" and ast.unparse(node.args[0]) in stores:
            deeds.sets.update(_patterns(node.args[1]))
        elif called == "self.component.assign":
            deeds.sets.update(_patterns(node.args[0]))
        elif called in ("self.fire", "self.component.fire", "job.machine.fire"):
            deeds.fires.update(_patterns(node.args[0]))
        elif called in ("self.fault", "self.component.standing.fault"):
            deeds.fails.update(_patterns(node.args[0]))


def _words(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _aliases(function: ast.AST) -> Iterator[str]:
    """Yield the names that stand for the stored outputs in a function."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = list(zip(target.elts, value.elts, strict=True))
        else:
            pairs = [(target, value)]
        for name, what in pairs:
            if isinstance(name, ast.Name) and ast.unparse(what) == "self.v":
                yield name.id


def _targets(node: ast.AST) -> Iterator[ast.expr]:
    found: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        found = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        found = [node.target]
    for target in found:
        yield from target.elts if isinstance(target, ast.Tuple) else [target]


def _patterns(node: ast.expr) -> Iterator[str]:
    """Yield patterns of what a name may be: a text, one of two, a text with gaps, or anything."""
    if isinstance(node, ast.Constant):
        yield re.escape(str(node.value))
    elif isinstance(node, ast.IfExp):
        yield from _patterns(node.body)
        yield from _patterns(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+" for part in node.values)
    else:
        yield ANYTHING
