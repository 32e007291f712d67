"""What a script queue needs to know of scripts: where they are, what they take, how they run.

The queue and the Script component keep SAL's states; what a script does is somebody else's, who hands a
catalogue of programs to the observatory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Metadata", "Program", "ScriptCatalogue", "ScriptControl"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a configured script says of itself; duration in s."""

    duration: float = 0.0
    nimages: int = 0
    filters: str = ""
    instrument: str = ""
    survey: str = ""
    total_checkpoints: int = 0


class ScriptControl(Protocol):
    """What a running script may do to its own Script component."""

    @property
    def name(self) -> str:
        """Its name on the bus, ``Script:200001``."""

    @property
    def index(self) -> int:
        """Its SAL index."""

    @property
    def group_id(self) -> str:
        """The group that its images belong to."""

    @property
    def block_id(self) -> str:
        """The execution of the block that it belongs to; empty if none."""

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to stop and cleans up."""

    async def checkpoint(self, name: str) -> None:
        """Say where it is; it may be paused or stopped here."""

    def log(self, level: str, text: str) -> None:
        """Write a line to its log."""


class Program(Protocol):
    """One script, loaded and not yet run."""

    path: str
    description: str
    remotes: Sequence[str]

    def configure(self, config: str) -> Metadata:
        """Take the configuration, a YAML text.

        Raises
        ------
        CscsimError
            If it is refused.
        """

    async def run(self, control: ScriptControl) -> None:
        """Do it.

        Raises
        ------
        CscsimError
            If it fails.
        """


class ScriptCatalogue(Protocol):
    """The scripts that a queue may run."""

    def available(self, *, standard: bool) -> Sequence[str]:
        """Return the paths of the standard or the external scripts."""

    def broken(self) -> Mapping[str, str]:
        """Return what is wrong with each script that should be available and is not, by path."""

    def schema(self, path: str, *, standard: bool) -> str:
        """Return the configuration schema of a script as YAML; empty if it takes no configuration."""

    def load(self, path: str, *, standard: bool) -> Program:
        """Load a script.

        Raises
        ------
        CscsimError
            If there is none.
        """
