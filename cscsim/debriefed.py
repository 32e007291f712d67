"""A journal with all that a debrief of it needs: the procedure that was followed, the training, and its images.

What cannot be found any more is left out, and said; a debrief of the rest is worth more than none.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cscsim.locate import Site, open_site
from cscsim.recorded import parameter_set_of
from cscsim.sources import Sources
from fsm import AuthorError, Journal, simulate
from procedures import Procedure
from procedures.debrief import Debrief, make_debrief
from procedures.debrief.making import read_records
from procedures.replay import Recording, read_recording
from procedures.training import Training, open_session
from procedures.training.again import act_again

if TYPE_CHECKING:
    from cscsim.pictures.sources import Run
    from fsm import Clock

__all__ = ["Debriefed", "open_journal"]


@dataclass(slots=True, kw_only=True)
class Debriefed:
    """A journal that is debriefed.

    Attributes
    ----------
    site
        Where it took place; None if that is not to be found.
    """

    recording: Recording
    site: Site | None
    training: Training | None
    debrief: Debrief

    def images(self) -> Run:
        """Run again what was recorded, for the recipes of its images.

        Raises
        ------
        AuthorError
            If it cannot be run again.
        """
        if not self.recording.circumstances.get("training"):
            from cscsim.pictures.sources import replay_images

            return replay_images(self.recording.path)
        return self._images_of_session()

    def _images_of_session(self) -> Run:
        from csc.latiss.images import ImageStore
        from cscsim.pictures.sources import Run

        site, training = self.site, self.training
        if site is None or training is None or training.name != self.recording.circumstances["training"]:
            raise AuthorError("its training is not to be found", file=str(self.recording.path))
        records = read_records(self.recording)
        images = ImageStore()

        async def main(clock: Clock) -> None:
            journal = Journal(lambda: clock.now, keep=False)
            async with open_session(
                training,
                clock,
                journal,
                sheet=site.sheet,
                library=site.library,
                blocks=site.blocks,
                seed=self.recording.circumstances["seed"],
                lent={"images": images},
            ) as session:
                await act_again(session, records)

        simulate(main, tai_start=site.sheet.tai_start)
        return Run(exposures=tuple(images))


def open_journal(path: Path, training: str | None = None) -> Debriefed:
    """Read a journal, and find what belongs to it.

    Parameters
    ----------
    training
        Name or path of the training that it is scored by; the one that it names itself if left out.

    Raises
    ------
    AuthorError
        If it is no journal, or the training that is asked for is not to be found.
    """
    recording = read_recording(path)
    said = recording.circumstances
    notes: list[str] = []
    site: Site | None = None
    procedure: Procedure | None = None
    found: Training | None = None
    try:
        sources = Sources(path, said.get("files", {}))
        notes += sources.changes
        site = _site(recording, sources)
        if said["procedure"] is not None:
            procedure = site.procedure(sources.name("procedure", said["procedure"]))
    except AuthorError as error:
        notes.append(f"The procedure is not shown: {error.message}.")
    if training is not None:
        found = (site or open_site()).training(training)
    elif said.get("training"):
        try:
            found = (site or open_site()).training(_named(recording))
        except AuthorError as error:
            notes.append(f"There is no score: {error.message}.")
    blocks = site.blocks if site is not None else None
    if said["procedure"] is None:
        notes.append("A test of pytest has made this journal: it followed no procedure.")
    debrief = make_debrief(recording, training=found, procedure=procedure, blocks=blocks, notes=notes)
    return Debriefed(recording=recording, site=site, training=found, debrief=debrief)


def _site(recording: Recording, sources: Sources) -> Site:
    said = recording.circumstances
    return open_site(sources.name("observatory", said["observatory"]), parameter_set_of(said, sources))


def _named(recording: Recording) -> str:
    """Return the training that a journal names: its file if it was one."""
    said = recording.circumstances
    named = said.get("files", {})
    if "training" not in named:
        return str(said["training"])
    return str(Sources(recording.path, named).name("training", said["training"]))
