"""Where a result comes from: the code and the files of the process that computes it.

Workers elsewhere are asked before they work and with every task: a result of other code is no result. A process keeps
the fingerprint of the code with which it has begun, whatever has become of the files since.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from procedures.campaign.world import world_of

__all__ = ["Origin", "origin_of"]

_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a process computes with.

    Attributes
    ----------
    code
        Fingerprint of code, data sheets and library.
    files
        Path and SHA-256 of each file that does not come along with cscsim; no SHA-256 if it cannot be read.
    """

    python: str
    numpy: str
    cscsim: str
    code: str
    files: tuple[tuple[str, str], ...] = ()

    def differences(self, here: Origin) -> Iterator[str]:
        """Yield what is otherwise there than here, in words."""
        for name in ("Python", "numpy", "cscsim"):
            there, own = getattr(self, name.lower()), getattr(here, name.lower())
            if there != own:
                yield f"it has {name} {there}, here is {own}"
        if self.code != here.code:
            yield (
                f"its code, data sheets or library are others ({self.code[:_SHOWN]}, here {here.code[:_SHOWN]}): "
                "install the same there, and start the worker again"
            )
        found = dict(self.files)
        for path, mark in here.files:
            if not found.get(path):
                yield f"it cannot read {path}: put the file where every worker has it, and name it by its whole path"
            elif found[path] != mark:
                yield f"its {path} is another file than the one here"


def origin_of(paths: Iterable[str] = ()) -> Origin:
    """Return what this process computes with.

    Parameters
    ----------
    paths
        Files that do not come along with cscsim.
    """
    return Origin(
        python=_minor(platform.python_version()),
        numpy=version("numpy"),
        cscsim=version("cscsim"),
        code=_code(),
        files=tuple((path, _mark(path)) for path in paths),
    )


def _minor(python: str) -> str:
    return ".".join(python.split(".")[:2])


@cache
def _code() -> str:
    return world_of()


def _mark(path: str) -> str:
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return ""
