"""What is told beside pictures: on standard error, so that data stay data; and what is missing for them."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

import click

__all__ = ["require", "tell"]


def tell(notes: Iterable[str]) -> None:
    """Write sentences to standard error."""
    for note in notes:
        click.echo(f"! {note}", err=True)


def require(*modules: str) -> None:
    """Make sure that what is imported later can be.

    Raises
    ------
    AuthorError
        If a module is missing; says what brings it.
    """
    from fsm import AuthorError

    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise AuthorError(f"pictures of images need {' and '.join(missing)}: pip install 'cscsim[pipelines]'")
