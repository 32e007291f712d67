"""Data sheets that say of a component what another one has, and what is different.

A sheet with the key ``like`` is laid over that of the component it names (see `fsm.overlay`); what comes out is read
like any other sheet, so that machine, checks, diagrams and pages know no difference.
"""

from __future__ import annotations

from collections.abc import Mapping

from fsm import AuthorError, Document, nearest, overlay

__all__ = ["whole_sheet"]


def whole_sheet(component: str, documents: Mapping[str, Document]) -> Document:
    """Return the sheet of a component, laid over those that it is like.

    Parameters
    ----------
    component
        One of `documents`.
    documents
        Sheets as they are written, by component.

    Raises
    ------
    AuthorError
        If it is like a component that has no sheet, or like itself.
    """
    return _laid(component, documents, ())


def _laid(component: str, documents: Mapping[str, Document], above: tuple[str, ...]) -> Document:
    document = documents[component]
    other = document.data.get("like") if isinstance(document.data, dict) else None
    if not isinstance(other, str):
        return document  # a value of another kind is refused when the sheet is validated
    place = document.position(("like",))
    if other in (component, *above):
        between = above[above.index(other) :] if other in above else ()
        chain = " is like ".join((component, *between, component))
        raise AuthorError.at(place, f"{chain}: one of them must say what it is")
    if other not in documents:
        raise AuthorError.at(place, f"there is no component {other}", suggestion=nearest(other, documents))
    return overlay(document, _laid(other, documents, (*above, component)))
