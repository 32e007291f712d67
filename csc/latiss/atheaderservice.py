"""LATISS' header service: follows the camera's events and says where each header is.

What a header contains is up to an archive that wants pixels, which is told when to look; that there is a header, and
when, is simulated here.
"""

from __future__ import annotations

import hashlib
from functools import partial

from csc.behaviour import Behaviour, on_trigger
from csc.messages import Sample

__all__ = ["ATHeaderService"]


class ATHeaderService(Behaviour):
    """Computes for the header service.

    Attributes
    ----------
    camera
        Name of the CSC whose images are followed.
    """

    camera = "ATCamera"

    def start(self) -> None:
        """Listen to the camera."""
        camera = self.remote(self.camera)
        camera.event("startIntegration").callback(self._image_begun)
        camera.event("endOfImageTelemetry").callback(self._image_ended)

    def _image_begun(self, sample: Sample) -> None:
        if self.state("service") == "RUNNING":
            self.v.collected = sample.imageName
            if (archive := self.component.services.get("archive")) is not None:
                archive.note(sample.imageName, self.component.services["observatory"])
            self.v.collection_limit = sample.timeout + self.p.grace
            self.fire("image_begun")

    def _image_ended(self, sample: Sample) -> None:
        if self.state("header") == "COLLECTING" and sample.imageName == self.v.collected:
            self.fire("image_ended")
            delay = self.rng("writing").uniform(self.p.shortest_writing, self.p.longest_writing)
            self.call_later(delay, partial(self._header_due, sample.imageName))

    def _header_due(self, image: str) -> None:
        self.v.due = image
        self.fire("header_due")

    @on_trigger("header_written")
    def _announce(self) -> None:
        name, image = self.component.name, self.v.due
        source, controller, day, number = image.split("_")
        path = f"{name}/header/{day[:4]}/{day[4:6]}/{day[6:]}/{name}_header_{source}_{controller}_{day}_{number}.yaml"
        self.publish(
            "largeFileObjectAvailable",
            url=f"{self.p.bucket}/{path}",
            generator=name,
            version=1.0,
            byteSize=self.p.header_size,
            checkSum=hashlib.md5(path.encode(), usedforsecurity=False).hexdigest(),
            mimeType="YAML",
            id=image,
            force=True,
        )
