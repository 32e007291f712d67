"""LATISS' data service: ingests an image once its header is there, and says how it went."""

from __future__ import annotations

from functools import partial

from csc.behaviour import Behaviour, on_trigger
from csc.latiss.archive import ImageArchive
from csc.latiss.detector import load_detector
from csc.messages import Sample

__all__ = ["ATOODS"]

_DESCRIPTIONS = (
    "file ingested",
    "ingest failure: the butler refused the file",
    "metadata failure: the header is unreadable",
)


class ATOODS(Behaviour):
    """Computes for the data service.

    Attributes
    ----------
    camera, header_service
        Names of the CSCs whose images and headers are followed.
    """

    camera = "ATCamera"
    header_service = "ATHeaderService"

    def start(self) -> None:
        """Listen to the camera and to the header service."""
        self._ended: dict[str, float] = {}
        self.remote(self.camera).event("endOfImageTelemetry").callback(self._image_ended)
        self.remote(self.header_service).event("largeFileObjectAvailable").callback(self._header_there)

    def sensors(self) -> tuple[tuple[str, str], ...]:
        """Give raft and sensor of each file that an image has."""
        raft, _, sensor = load_detector().ccd.header_name.partition("_")
        return ((raft, sensor),)

    def _image_ended(self, sample: Sample) -> None:
        if self.state("service") == "RUNNING":
            self._ended[sample.imageName] = self.now

    def _header_there(self, sample: Sample) -> None:
        ended = self._ended.pop(sample.id, self.now)
        if self.state("service") == "RUNNING":
            delay = self.rng("ingest").uniform(self.p.shortest_ingest, self.p.longest_ingest)
            self.call_later(max(0.0, ended + delay - self.now), partial(self._image_due, sample.id))

    def _image_due(self, image: str) -> None:
        self.v.due = image
        self.fire("image_due")

    def _ingest(self, raft: str, sensor: str) -> tuple[int, str]:
        """Ingest a file of the image whose turn it is, if somebody keeps files; return status code and description."""
        status = self.v.status
        archive: ImageArchive | None = self.component.services.get("archive")
        if status or archive is None:
            return status, _DESCRIPTIONS[status]
        exposure = self.component.services["images"][self.v.due]
        wrong = archive.take(exposure, self.p.camera, f"{raft}_{sensor}")
        return (1, f"ingest failure: {wrong}") if wrong else (0, _DESCRIPTIONS[0])

    @on_trigger("image_handled")
    def _announce(self) -> None:
        codes = []
        for raft, sensor in self.sensors():
            code, description = self._ingest(raft, sensor)
            codes.append(code)
            self.publish(
                "imageInOODS",
                camera=self.p.camera,
                obsid=self.v.due,
                raft=raft,
                sensor=sensor,
                statusCode=code,
                description=description,
                force=True,
            )
        if not any(codes):
            self.v.ingested += 1
