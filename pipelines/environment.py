"""Where the pipeline files lie, and the two variables by which commands name their folders.

    eval "$(python -m pipelines)"

sets them in a shell.
"""

from __future__ import annotations

import shlex
from pathlib import Path

__all__ = ["environment", "general_files", "pipeline_files", "shell_lines"]

_HERE = Path(__file__).parent
_FOLDERS = {"CP_PIPE_DIR": _HERE / "cp_pipe", "CP_VERIFY_DIR": _HERE / "cp_verify"}


def environment() -> dict[str, str]:
    """Return the variables: that of the pipelines which construct calibrations, and of those which verify them."""
    return {name: str(folder) for name, folder in _FOLDERS.items()}


def pipeline_files() -> list[Path]:
    """Return all pipeline files, sorted."""
    return sorted(path for folder in _FOLDERS.values() for path in (folder / "pipelines").rglob("*.yaml"))


def general_files() -> list[Path]:
    """Return the pipeline files that are made for no camera, of which those of cameras and the aliases are made."""
    patterns = {"CP_PIPE_DIR": "pipelines/*.yaml", "CP_VERIFY_DIR": "pipelines/_ingredients/*.yaml"}
    return sorted(path for name, pattern in patterns.items() for path in _FOLDERS[name].glob(pattern))


def shell_lines() -> str:
    """Return the variables as a POSIX shell sets them.

    Examples
    --------
    >>> shell_lines().partition("=")[0]
    'export CP_PIPE_DIR'
    """
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in environment().items())
