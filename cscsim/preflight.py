"""Whether all that a procedure calls exists: what can be said before it runs, once the library is at hand."""

from __future__ import annotations

from collections.abc import Iterator

from cscsim.locate import Site
from fsm import AuthorError, AuthorErrors, Template, nearest
from procedures import Procedure, Step, model
from procedures.walk import walk_steps

__all__ = ["check_calls"]


def check_calls(procedure: Procedure, site: Site) -> None:
    """Check every procedure and block that is called by a fixed name, and the keys of what it is given.

    Raises
    ------
    AuthorErrors
        With every mistake, at the step that makes it.
    """
    errors: list[AuthorError] = []
    for step in walk_steps((*procedure.steps, *procedure.on_failure, *procedure.cleanup)):
        for message, suggestion in _mistakes(step, site):
            errors.append(AuthorError.at(step.position, message, suggestion=suggestion))
    if errors:
        raise AuthorErrors(errors)


def _mistakes(step: Step, site: Site) -> Iterator[tuple[str, str | None]]:
    match step:
        case model.Call(procedure=Template() as name) if not name.names:
            try:
                called = site.library.find(name.text)
            except AuthorError as error:
                yield (error.message, error.suggestion) if error.file is None else (str(error), None)
                return
            schema = called.config or {"additionalProperties": False}
            keys = schema.get("properties", {})
            for key in step.config or {}:
                if key not in keys and schema.get("additionalProperties", True) is False:
                    yield f"{called.name} has no key {key}", nearest(key, keys)
        case model.Block(block=Template() as name) if not name.names and site.blocks.get(name.text) is None:
            yield f"there is no block {name.text}", nearest(name.text, site.blocks.ids())
