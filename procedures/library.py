"""The library of procedures: found by name, loaded when they are wanted.

It is also the script queue's catalogue: every procedure of the kind script can be added to a queue under
the path that the observatory's own script has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from csc import ObservatoryVocabulary
from fsm import AuthorError, Document, Template, nearest
from procedures.config import parse_config
from procedures.load import resolve_procedure
from procedures.model import Procedure, TakeImages
from procedures.sheets import ProcedureSheet
from procedures.shelf import Shelf
from procedures.walk import walk_steps

if TYPE_CHECKING:
    from csc.scriptqueue.program import Metadata, ScriptControl
    from procedures.frame import Stage
    from procedures.scope import ProcedureScope

__all__ = ["Library", "ScriptProgram"]


class Library:
    """Procedures by name.

    Parameters
    ----------
    vocabulary
        Names of the observatory that they act on.
    root
        The folder with `scripts`, `parts` and `rehearsals`; this package's own if left out.
    """

    def __init__(self, vocabulary: ObservatoryVocabulary, root: Path | None = None) -> None:
        self._vocabulary = vocabulary
        self._shelf = Shelf(root)
        self._read: dict[str, tuple[Document, ProcedureSheet]] = {}
        self._loaded: dict[str, Procedure] = {}
        self._broken: dict[str, str] = {}
        self.stage: Stage | None = None

    def names(self, kind: str | None = None) -> list[str]:
        """Return the names of all procedures, or of one kind: script, part, rehearsal."""
        return self._shelf.names(kind)

    def find(self, name: str) -> Procedure:
        """Return a procedure by its name; a script also without ``.py`` or by the end of its path.

        Raises
        ------
        AuthorError
            If there is none, with the nearest name, its file is wrong, or a component that it needs is not here.
        """
        exact = self._shelf.exact(name)
        if exact not in self._loaded:
            document, sheet = self._written(exact)
            missing = self.missing(sheet)
            if missing:
                words = f"needs {', '.join(missing)}, not to be found in this observatory"
                raise AuthorError(words, file=document.name)
            self._loaded[exact] = resolve_procedure(document, sheet, self._vocabulary)
        return self._loaded[exact]

    def sheet(self, name: str) -> ProcedureSheet:
        """Return what a procedure's file says, wherever it can be used.

        Raises
        ------
        AuthorError
            If there is no such procedure, or the form of its file is wrong.
        """
        return self._written(self._shelf.exact(name))[1]

    def missing(self, sheet: ProcedureSheet) -> list[str]:
        """Return the components that a procedure speaks with and that are not here."""
        known = self._vocabulary.blueprints
        return [remote for remote in sheet.remotes if self._vocabulary.canonical(remote) not in known]

    def _written(self, exact: str) -> tuple[Document, ProcedureSheet]:
        if exact not in self._read:
            self._read[exact] = self._shelf.read(exact)
        return self._read[exact]

    # --------------------------------------------------- the queue's catalogue

    def available(self, *, standard: bool) -> Sequence[str]:
        """Return the paths of the standard or the external scripts whose components are here."""
        found = {name: self._if_sound(name) for name in self.names("script")}
        return [name for name, procedure in found.items() if procedure is not None and procedure.standard == standard]

    def broken(self) -> Mapping[str, str]:
        """Return what is wrong with each script that should be available and is not."""
        for name in self.names("script"):
            self._if_sound(name)
        return dict(self._broken)

    def _if_sound(self, name: str) -> Procedure | None:
        """Return a script that can be run here; None if its components are not, or its file is wrong."""
        try:
            return None if self.missing(self.sheet(name)) else self.find(name)
        except AuthorError as error:
            self._broken[name] = str(error)
            return None

    def schema(self, path: str, *, standard: bool) -> str:
        """Return the configuration schema of a script as YAML; empty if it takes no configuration."""
        procedure = self._script(path, standard=standard)
        return "" if procedure.config is None else yaml.safe_dump(_plain(procedure.config), sort_keys=False)

    def load(self, path: str, *, standard: bool) -> ScriptProgram:
        """Load a script for a queue."""
        return ScriptProgram(self, self._script(path, standard=standard))

    def _script(self, path: str, *, standard: bool) -> Procedure:
        if path not in self.names("script"):
            raise AuthorError(f"No script {path!r} found", suggestion=nearest(path, self.names("script")))
        procedure = self.find(path)
        if procedure.standard != standard:
            there, here = ("an external", "a standard") if standard else ("a standard", "an external")
            raise AuthorError(f"{path} is {there} script, not {here} one")
        return procedure


class ScriptProgram:
    """A procedure as a script of the queue.

    Parameters
    ----------
    library
        Where it comes from.
    procedure
        What it does.
    """

    def __init__(self, library: Library, procedure: Procedure) -> None:
        self._library = library
        self.procedure = procedure
        self.path = procedure.name
        self.description = procedure.title
        self.remotes = procedure.remotes
        self.config: dict[str, Any] = {}

    def configure(self, config: str) -> Metadata:
        """Take the configuration, a YAML text."""
        from csc.scriptqueue.program import Metadata
        from procedures.scope import ProcedureScope

        self.config = parse_config(self.procedure, config)
        stage = self._stage()
        scope = ProcedureScope(stage.observatory, stage.images, self.config)
        duration = self.procedure.duration.evaluate(scope)
        images = [step for step in walk_steps(self.procedure.steps) if isinstance(step, TakeImages)]
        return Metadata(
            duration=float(duration) if isinstance(duration, (int, float)) else 0.0,
            nimages=len(images),
            filters=str(self.config.get("filter") or ""),
            instrument=self._instrument(images[0], scope) if images else "",
        )

    def _instrument(self, step: TakeImages, scope: ProcedureScope) -> str:
        """Return what the camera of a step is called; empty if only the running script will know."""
        camera = step.camera.fill(scope) if isinstance(step.camera, Template) else None
        plan = self._stage().observatory.vocabulary().blueprints.get(camera or "")
        return str(plan.parameters["instrument"].default) if plan and "instrument" in plan.parameters else ""

    async def run(self, control: ScriptControl) -> None:
        """Carry it out."""
        from procedures.runner import run_procedure

        await run_procedure(self._stage(), self.procedure, self.config, who=control.name, script=control)

    def _stage(self) -> Stage:
        if self._library.stage is None:
            raise RuntimeError("the library has no stage to act on")
        return self._library.stage


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
