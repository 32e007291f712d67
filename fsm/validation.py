"""What pydantic says of a document, as mistakes its author can find.

Decides how each complaint is worded and which line it points at. Leaves what is right to the models.

A complaint's path mixes keys of the document with names of pydantic's own, such as the branch of a union that was
tried. Document and model are walked side by side to tell them apart. Of several branches that all failed, the one
with the fewest complaints is taken for the one that was meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from fsm.annotations import Branch, branches, inner, keys
from fsm.document import Data, Document, Key, Keys, nearest
from fsm.errors import AuthorError, AuthorErrors

__all__ = ["build", "checked"]

_Model = TypeVar("_Model", bound=BaseModel)
_Parsed = TypeVar("_Parsed")

_LISTED: Final = 12
"""So many valid words are listed where none is near."""

_WORDINGS: Final = (
    ("Value error, ", ""),
    ("Assertion failed, ", ""),
    ("Input should be ", "must be "),
    ("valid dictionary", "mapping"),
)


def build(document: Document, model: type[_Model], at: Keys = ()) -> _Model:
    """Build a model from the part of a document that a path leads to.

    Raises
    ------
    AuthorErrors
        If the model refuses it.
    KeyError
        If the path leads nowhere.
    """
    try:
        return model.model_validate(document.value(at))
    except ValidationError as error:
        complaints = [_walk(document, at, model, detail) for detail in error.errors(include_url=False)]
        raise AuthorErrors(_mistakes(document, at, _meant(complaints))) from error


def checked(parse: Callable[[str], _Parsed]) -> Callable[[object], _Parsed]:
    """Wrap a parser of texts that raises `AuthorError`, so that a field of a model can use it and the place is found.

    >>> from typing import Annotated
    >>> from pydantic import BeforeValidator
    >>> Word = Annotated[str, BeforeValidator(checked(str))]
    """

    def parse_or_complain(text: object) -> _Parsed:
        if not isinstance(text, str):
            raise ValueError("must be a valid string")
        try:
            return parse(text)
        except AuthorError as error:
            raise ValueError(error.message) from error

    return parse_or_complain


@dataclass(frozen=True, slots=True, kw_only=True)
class _Complaint:
    """One of pydantic's complaints and the value it is about; `tried` are the branches on the way there."""

    detail: ErrorDetails
    path: Keys
    value: Data
    expected: tuple[Branch, ...]
    tried: tuple[tuple[Keys, str], ...]

    @property
    def is_about_a_key(self) -> bool:
        return self.detail["type"] in {"missing", "extra_forbidden"}


def _walk(document: Document, at: Keys, model: type[BaseModel], detail: ErrorDetails) -> _Complaint:
    data = document.value(at)
    expected = tuple(branches(model))
    path: Keys = ()
    tried: list[tuple[Keys, str]] = []
    loc = detail["loc"][:-1] if detail["type"] in {"missing", "extra_forbidden"} else detail["loc"]
    for part in loc:
        named = tuple(branch for branch in expected if part in branch.labels)
        if len(expected) > 1 and named:
            expected = tuple(branch.unlabelled() for branch in named)
            tried.append((path, str(part)))
        elif (key := _key(data, part)) is not None:
            expected = tuple(found for branch in expected for found in inner(branch, key))
            path, data = (*path, key), document.value((*at, *path, key))
    return _Complaint(detail=detail, path=path, value=data, expected=expected, tried=tuple(tried))


def _meant(complaints: Sequence[_Complaint]) -> list[_Complaint]:
    """Drop the complaints of branches that were not meant."""
    counts: dict[Keys, dict[str, int]] = {}
    for complaint in complaints:
        for path, label in complaint.tried:
            of_path = counts.setdefault(path, {})
            of_path[label] = of_path.get(label, 0) + 1
    meant = {path: min(of_path, key=of_path.__getitem__) for path, of_path in counts.items()}
    left = [item for item in complaints if all(meant[path] == label for path, label in item.tried)]
    inside = {item.path[:depth] for item in left for depth in range(len(item.path) + item.is_about_a_key)}
    return [item for item in left if item.is_about_a_key or item.path not in inside]


def _mistakes(document: Document, at: Keys, complaints: Iterable[_Complaint]) -> Iterator[AuthorError]:
    values: dict[Keys, list[_Complaint]] = {}
    for complaint in complaints:
        detail, path = complaint.detail, (*at, *complaint.path)
        if detail["type"] == "missing":
            yield AuthorError.at(document.key_position(path), f"{_subject(path)}key {detail['loc'][-1]} is missing")
        elif detail["type"] == "extra_forbidden":
            key = detail["loc"][-1]
            near, listed = _hint(str(key), keys(complaint.expected), complaint.value)
            place = document.key_position((*path, key))
            if document.value((*path, key)) is None and not str(key).isidentifier():
                listed = "; a value that holds a comma is written in quotes"
            yield AuthorError.at(place, f"{_subject(path)}unknown key {key}{listed}", suggestion=near)
        elif isinstance(cause := _cause(detail), AuthorError):
            place = document.position(path)
            yield AuthorError.at(place, f"{_subject(path)}{cause.message}", suggestion=cause.suggestion)
        else:
            values.setdefault(path, []).append(complaint)
    for path, about in values.items():
        is_key = about[0].detail["loc"][-1:] == ("[key]",)
        place = document.key_position(path) if is_key else document.position(path)
        yield AuthorError.at(place, f"{_subject(path)}{_sentence(about)}")


def _sentence(complaints: Sequence[_Complaint]) -> str:
    """Join what is said of one value: the branches of a union each say what they must be."""
    said: dict[str, None] = {}
    for complaint in complaints:
        if complaint.detail["type"] == "union_tag_not_found":
            kinds = sorted({label for branch in complaint.expected for label in branch.tags})
            said[f"cannot tell what it is; must contain one of {', '.join(kinds)}"] = None
            continue
        text = complaint.detail["msg"].partition(", unable to parse")[0].partition(" or instance of ")[0]
        for theirs, ours in _WORDINGS:
            text = text.replace(theirs, ours)
        said[text] = None
    text = " or ".join(said).replace(" or must be ", " or ")
    return f"{text}, found {_shown(complaints[0].detail['input'])}" if text.startswith("must be ") else text


def _cause(detail: ErrorDetails) -> BaseException | None:
    error = detail.get("ctx", {}).get("error")
    return error.__cause__ if isinstance(error, ValueError) else None


def _hint(word: str, valid: set[str], data: Data) -> tuple[str | None, str]:
    near = nearest(word, valid - {str(key) for key in data} if isinstance(data, dict) else valid)
    return near, f"; valid are {', '.join(sorted(valid))}" if near is None and 0 < len(valid) <= _LISTED else ""


def _shown(value: object) -> str:
    match value:
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _subject(path: Keys) -> str:
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return f"{text.removeprefix('.')}: " if text else ""


def _key(data: Data, part: int | str) -> Key | None:
    """Return the key of the document that a part of a path means: pydantic writes a mapping's key 1 as '1'."""
    if isinstance(data, list):
        return part if isinstance(part, int) and 0 <= part < len(data) else None
    if not isinstance(data, dict):
        return None
    return next((key for key in data if key == part or str(key) == part), None)
