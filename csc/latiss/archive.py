"""Where images go whose pixels somebody wants: the form of an archive.

The observatory lends one as its service ``archive``; without it images stay recipes, and the data service only says
that they were ingested.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from csc.latiss.images import Exposure
    from csc.observatory import Observatory

__all__ = ["ImageArchive"]


class ImageArchive(Protocol):
    """Keeps images as files, and ingests them."""

    def note(self, image: str, observatory: Observatory) -> None:
        """Keep what is known of the observatory now, for the header of an image that is about to be taken."""

    def take(self, exposure: Exposure, instrument: str, sensor: str) -> str:
        """Write the file of an exposure and a sensor, and ingest it; return what went wrong, empty if nothing did.

        Parameters
        ----------
        instrument
            What the butler calls the camera.
        sensor
            Raft and sensor as headers spell them, such as ``R00_S00``.
        """
