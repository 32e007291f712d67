"""Which image is meant: by name, by number, as the last one of a kind; and which ones are of a kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from cscsim.pictures.shots import Shot
from fsm import AuthorError, nearest

__all__ = ["choose", "select"]

_LAST = "last"
_ID_DIGITS = 13

_Property = Callable[[Shot], Iterable[str]]
_PROPERTIES: Mapping[str, _Property] = {
    "type": lambda shot: (shot.image_type,),
    "filter": lambda shot: shot.elements,
    "reason": lambda shot: (shot.reason,),
}
"""What images can be selected by, and the words that each answers to."""


def select(shots: Sequence[Shot], *, last: int | None = None, **wanted: str | None) -> list[Shot]:
    """Return the images that have what is wanted, in order.

    Parameters
    ----------
    last
        So many of them, the latest.
    wanted
        Words for `type`, `filter` (or grating, or both with ~ between) and `reason`; case does not matter.

    Raises
    ------
    AuthorError
        If no image has such a word; names the nearest.
    """
    found = list(shots)
    for name, word in wanted.items():
        if word is None:
            continue
        words_of = _PROPERTIES[name]
        known = sorted({each for shot in shots for each in words_of(shot) if each})
        if word.lower() not in map(str.lower, known):
            words = ", ".join(known) or "none at all"
            raise AuthorError(f"no image has the {name} {word}; there is {words}", suggestion=nearest(word, known))
        found = [shot for shot in found if word.lower() in map(str.lower, words_of(shot))]
    return found if last is None else found[max(0, len(found) - last) :]


def choose(shots: Sequence[Shot], words: str) -> Shot:
    """Return the image that is meant.

    Parameters
    ----------
    words
        A name, an exposure id, a number within the day, ``last``, ``last flat``, or only ``flat``; nothing means last.

    Raises
    ------
    AuthorError
        If there is none, or more than one day has that number.
    """
    first, _, rest = words.strip().partition(" ")
    kind = (rest.strip() if first.lower() == _LAST else words.strip()).upper()
    if not kind:
        return shots[-1]
    of_kind = [shot for shot in shots if shot.image_type == kind]
    if of_kind:
        return of_kind[-1]
    found = _numbered(shots, kind) if kind.isdigit() else [shot for shot in shots if shot.name == kind]
    if len(found) > 1:
        names = ", ".join(shot.name for shot in found)
        raise AuthorError(f"there are {len(found)} images of number {kind}: {names}; give the name of one")
    if not found:
        raise AuthorError(
            f"there is no image {words.strip()}; {_range(shots)}", suggestion=_nearest(shots, words, kind)
        )
    return found[0]


def _numbered(shots: Sequence[Shot], digits: str) -> list[Shot]:
    number = int(digits)
    return [shot for shot in shots if number == (shot.id if len(digits) >= _ID_DIGITS else shot.seq_num)]


def _range(shots: Sequence[Shot]) -> str:
    return f"there are {len(shots)}, {shots[0].name} to {shots[-1].name}" if len(shots) > 1 else f"only {shots[0].name}"


def _nearest(shots: Sequence[Shot], words: str, kind: str) -> str | None:
    kinds = {shot.image_type.lower() for shot in shots}
    near = nearest(kind.lower(), kinds)
    if near is not None:
        return f"last {near}" if words.lower().startswith(_LAST) else near
    return nearest(kind, [shot.name for shot in shots] + [str(shot.id) for shot in shots])
