"""One document laid over another: what the upper one does not say is as the lower one has it.

Mappings are joined key by key, at any depth; any other value of the upper document replaces the lower one's, and
``null`` takes away what the lower one says under that key. Every value keeps the place where it was written, in
whichever of the two files that is.
"""

from __future__ import annotations

from dataclasses import dataclass

from fsm.document import Document, Keys
from fsm.errors import Position
from fsm.yaml_reader import Data, Node

__all__ = ["overlay"]


def overlay(upper: Document, lower: Document) -> Document:
    """Lay a document over another one, which may be laid over a third.

    Examples
    --------
    >>> from fsm import load_document
    >>> lower = load_document("{colour: red, size: {height: 2, width: 3}}", name="lower")
    >>> upper = load_document("{colour: blue, size: {width: null, depth: 1}}", name="upper")
    >>> both = overlay(upper, lower)
    >>> both.data
    {'colour': 'blue', 'size': {'height': 2, 'depth': 1}}
    >>> both.position(("size", "height")).file
    'lower'
    """
    return _Overlay(
        name=upper.name,
        data=_joined(upper.data, lower.data),
        _lines=(),
        _root=Node(line=0, column=0, last=0),
        upper=upper,
        lower=lower,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Overlay(Document):
    """Two documents that are read as one."""

    upper: Document
    lower: Document

    def position(self, path: Keys = ()) -> Position:
        """Return where a value begins, in the file that it is written in."""
        return self._writer(path).position(path)

    def key_position(self, path: Keys) -> Position:
        """Return where the last key of a path is written, in its own file."""
        return self._writer(path).key_position(path)

    def _writer(self, path: Keys) -> Document:
        """Return the document that says more of a path; of two that say the same, the upper one."""
        return self.upper if _reach(self.upper, path) >= _reach(self.lower, path) else self.lower


def _reach(document: Document, path: Keys) -> int:
    """Count the keys of a path that a document has."""
    for depth in range(len(path), 0, -1):
        try:
            document.value(path[:depth])
        except KeyError:
            continue
        return depth
    return 0


def _joined(upper: Data, lower: Data) -> Data:
    if not isinstance(upper, dict) or not isinstance(lower, dict):
        return upper
    joined = dict(lower)
    for key, value in upper.items():
        if value is None and key in joined:
            del joined[key]
        else:
            joined[key] = _joined(value, joined[key]) if key in joined else value
    return joined
