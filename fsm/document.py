"""YAML and JSON files, read safely, every value with its place.

Decides what text is a document: one plain tree of mappings, lists, words, numbers, booleans and nulls, small and
not deep. Anchors, aliases, tags and duplicate keys are refused, because a reader of the file cannot see what they do.
Leaves the meaning of the tree to pydantic models; `validate` turns their complaints into places in the file.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from fsm.errors import AuthorError, Position
from fsm.yaml_reader import Data, Key, Node, read_yaml

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["Data", "Document", "Key", "Keys", "load_document", "nearest", "validate"]

Keys: TypeAlias = tuple[Key, ...]

_MAX_BYTES: Final = 1024 * 1024
_UNPRINTABLE: Final = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SURROGATES: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)
_Model = TypeVar("_Model", bound="BaseModel")


@dataclass(frozen=True, slots=True)
class _TextPosition(Position):
    """The start of a text of several lines; each run is (offset in the text, line, column)."""

    runs: tuple[tuple[int, int, int], ...] = ()

    def shifted(self, characters: int) -> Position:
        """Return the place so many characters further in the text, on whichever line that is."""
        offset, line, column = next(run for run in reversed(self.runs) if characters >= run[0] or run is self.runs[0])
        return Position(self.file, line, column + characters - offset)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Document:
    """A file's content and the places of its values.

    Attributes
    ----------
    name
        How messages call the file.
    data
        Plain dicts, lists and scalars.
    """

    name: str
    data: Data
    _lines: tuple[str, ...]
    _root: Node

    def value(self, path: Keys) -> Data:
        """Return the value that a path leads to.

        Raises
        ------
        KeyError
            If it leads nowhere.
        """
        data = self.data
        for key in path:
            if isinstance(data, dict) and key in data:
                data = data[key]
            elif isinstance(data, list) and _has(data, key):
                data = data[int(key)]
            else:
                raise KeyError(path)
        return data

    def position(self, path: Keys = ()) -> Position:
        """Return where a value begins; of a text, its first character, inside quotes.

        A path that leads nowhere gives the deepest value that exists.
        """
        node, data = self._root, self.data
        for key in path:
            if isinstance(node.children, dict) and isinstance(data, dict) and key in node.children:
                node, data = node.children[key][2], data[key]
            elif isinstance(node.children, list) and isinstance(data, list) and _has(data, key):
                node, data = node.children[int(key)], data[int(key)]
            else:
                break
        return self._text_position(node, data) if isinstance(data, str) else self._at(node.line, node.column)

    def key_position(self, path: Keys) -> Position:
        """Return where the last key of a path is written; for an item of a list, where the item begins."""
        node = self._root
        for depth, key in enumerate(path, start=1):
            if isinstance(node.children, dict) and key in node.children:
                line, column, node = node.children[key]
                if depth == len(path):
                    return self._at(line, column)
            elif isinstance(node.children, list) and _has(node.children, key):
                node = node.children[int(key)]
            else:
                break
        return self.position(path)

    def _at(self, line: int, column: int) -> Position:
        return Position(self.name, line + 1, column + 1)

    def _text_position(self, node: Node, text: str) -> Position:
        first = self._lines[node.line][node.column :] if node.line < len(self._lines) else ""
        quoted = first[:1] in {"'", '"'}
        if node.last == node.line:
            return self._at(node.line, node.column + quoted)
        runs, found = [], 0
        for line in range(node.line + (first[:1] in {"|", ">"}), min(node.last + 1, len(self._lines))):
            begin = node.column + quoted if line == node.line else 0
            words = self._lines[line][begin:].strip()
            if line == node.last and quoted:
                words = words.removesuffix(first[:1])
            offset = text.find(words, found) if words else -1
            if offset >= 0:
                found = offset + len(words)
                runs.append((offset, line + 1, self._lines[line].index(words, begin) + 1))
        if not runs:
            return self._at(node.line, node.column)
        return _TextPosition(self.name, runs[0][1], runs[0][2], tuple(runs))


def load_document(source: Path | str, *, name: str | None = None) -> Document:
    """Read a document.

    Parameters
    ----------
    source
        A file, or the text itself.
    name
        How messages call it; the default is the file's path as given.

    Raises
    ------
    AuthorError
        If the file cannot be read, is larger than 1 MiB, nested deeper than 50, not UTF-8, not valid, or contains an
        anchor, an alias, a tag, a duplicate key or a second document. Several mistakes make an `AuthorErrors`.
    """
    name = name or (str(source) if isinstance(source, Path) else "<text>")
    text = _read(source, name)
    if name.endswith(".json"):
        text = _checked_json(text, name)
    data, root = read_yaml(text, name)
    return Document(name=name, data=data, _lines=tuple(text.splitlines()), _root=root)


def validate(document: Document, model: type[_Model], at: Keys = ()) -> _Model:
    """Build a model from the part of a document that a path leads to.

    Raises
    ------
    AuthorErrors
        If the model refuses it: all mistakes, ordered by line; an unknown key with the nearest valid one.
    """
    from fsm.validation import build  # pydantic is not loaded before a document is checked

    return build(document, model, at)


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the word most like a misspelt one, or None if none is near.

    >>> nearest("OPENNED", ["OPENED", "CLOSED"])
    'OPENED'
    """
    spellings: dict[str, str] = {}
    for valid in sorted(words):
        spellings.setdefault(valid.casefold(), valid)
    near = difflib.get_close_matches(word.casefold(), spellings, n=1)
    return spellings[near[0]] if near else None


def _has(items: list[Node] | list[Data], key: Key) -> bool:
    return isinstance(key, int) and 0 <= key < len(items)


def _read(source: Path | str, name: str) -> str:
    if isinstance(source, str):
        raw = source.encode("utf-8", "surrogatepass")
    else:
        try:
            with source.open("rb") as file:
                raw = file.read(_MAX_BYTES + 1)
        except OSError as error:
            missing = isinstance(error, FileNotFoundError) and source.parent.is_dir()
            near = nearest(source.name, [path.name for path in source.parent.iterdir()]) if missing else None
            raise AuthorError(f"cannot be read: {error.strerror}", file=name, suggestion=near) from error
    if len(raw) > _MAX_BYTES:
        raise AuthorError("is larger than 1 MiB; split it", file=name, line=1, column=1)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig")
        raise _error(name, *_place(before), f"byte 0x{raw[error.start]:02x} is not UTF-8") from error
    if found := _UNPRINTABLE.search(text):
        raise _error(name, *_place(text[: found.start()]), f"character U+{ord(found[0]):04X} is not allowed")
    return text


def _checked_json(text: str, name: str) -> str:
    """Return JSON in the spelling that YAML shares with it."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise _error(name, error.lineno - 1, error.colno - 1, f"not valid JSON: {error.msg}") from error
    except (RecursionError, ValueError):
        pass  # too deep, or a number with too many digits: the reader says where
    return _SURROGATES.sub(lambda pair: f"{pair[1]}\\U{_joined(pair[2], pair[3]):08x}", text)


def _joined(high: str, low: str) -> int:
    return 0x10000 + ((int(high, 16) - 0xD800) << 10) + (int(low, 16) - 0xDC00)


def _place(before: str) -> tuple[int, int]:
    lines = f"{before}.".splitlines()
    return len(lines) - 1, len(lines[-1]) - 1


def _error(name: str, line: int, column: int, message: str) -> AuthorError:
    return AuthorError(message, file=name, line=line + 1, column=column + 1)
