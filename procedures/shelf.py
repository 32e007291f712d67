"""Where the files of the library lie: the names of procedures, and what their files say.

No observatory is needed for that; what a procedure is in one is up to `procedures.library`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fsm import AuthorError, Document, load_document, nearest, validate
from procedures.extension import extend
from procedures.sheets import ProcedureSheet

__all__ = ["Shelf"]

_HERE = Path(__file__).parent / "library"
_PLACES = {"script": ("scripts", ".py"), "part": ("parts", ""), "rehearsal": ("rehearsals", "")}
"""Folder of each kind, and how the names in it end."""


class Shelf:
    """The files of procedures, by name.

    Parameters
    ----------
    root
        The folder with `scripts`, `parts` and `rehearsals`; this package's own if left out.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._root = root or _HERE
        self._by_kind = {kind: dict(self._find_files(*place)) for kind, place in _PLACES.items()}
        self._files = {name: path for files in self._by_kind.values() for name, path in files.items()}

    def _find_files(self, folder: str, suffix: str) -> Iterator[tuple[str, Path]]:
        base = self._root / folder
        for path in sorted(base.rglob("*.yaml")):
            name = path.relative_to(base).with_suffix("").as_posix()
            yield f"{name}{suffix}", path

    def names(self, kind: str | None = None) -> list[str]:
        """Return the names of all procedures, or of one kind: script, part, rehearsal."""
        return list(self._files if kind is None else self._by_kind[kind])

    def exact(self, name: str) -> str:
        """Return the whole name of a procedure; a script also without ``.py`` or by the end of its path.

        Raises
        ------
        AuthorError
            If there is none, with the nearest name.
        """
        for candidate in (name, f"{name}.py"):
            if candidate in self._files:
                return candidate
        ends = [known for known in self._files if known.endswith(f"/{name}") or known.endswith(f"/{name}.py")]
        if len(ends) == 1:
            return ends[0]
        raise AuthorError(f"there is no procedure {name}", suggestion=nearest(name, self._files))

    def read(self, name: str) -> tuple[Document, ProcedureSheet]:
        """Return what the file of a procedure says, by its whole name.

        Raises
        ------
        AuthorError
            If its form is wrong.
        """
        path = self._files[name]
        return self.read_file(path, name=path.relative_to(self._root).as_posix())

    def read_file(self, source: Path | str, *, name: str) -> tuple[Document, ProcedureSheet]:
        """Return what another file says; what it extends is looked up here.

        Parameters
        ----------
        source
            A file, or the text itself.
        name
            How messages call it.

        Raises
        ------
        AuthorError
            If its form is wrong.
        """
        document = self._whole(load_document(source, name=name), ())
        return document, validate(document, ProcedureSheet)

    def _whole(self, document: Document, extensions: tuple[str, ...]) -> Document:
        """Return a document together with the one that it extends."""
        if not isinstance(document.data, dict) or "extends" not in document.data:
            return document

        def find(name: str) -> Document:
            path = self._files[self.exact(name)]
            file = path.relative_to(self._root).as_posix()
            chain = (*extensions, document.name)
            if file in chain:
                raise AuthorError(f"it extends itself, by {' and '.join(chain)}")
            return self._whole(load_document(path, name=file), chain)

        return extend(document, find)
