"""What the runs of a campaign come from: the code, the data sheets, the library and the files of the user.

If any of it has changed, what was run before is no result any more.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable

__all__ = ["world_of"]

_PACKAGES = ("fsm", "csc", "procedures", "sim_configs")
_ENDINGS = (".py", ".yaml", ".json", ".lark")


def world_of(texts: Iterable[str] = ()) -> str:
    """Return a fingerprint of everything besides the case that decides what a run does.

    Parameters
    ----------
    texts
        Of files that do not come along with cscsim, such as a procedure of one's own.
    """
    found = hashlib.sha256(f"{sys.version_info[:2]} {version('numpy')}".encode())
    for package in _PACKAGES:
        _add(files(package), found)
    for text in texts:
        found.update(text.encode())
    return found.hexdigest()[:16]


def _add(folder: Traversable, found: hashlib._Hash) -> None:
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.name.endswith(_ENDINGS):
            found.update(item.name.encode())
            found.update(item.read_bytes())
        elif item.is_dir() and not item.name.startswith(("_", ".")):
            _add(item, found)
