"""Small pictures of some images of a run, for its debrief: which ones, and their pixels as PNG.

Of each kind of image the first and the last are shown, and between them those where the light has changed.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cscsim.debriefed import Debriefed
    from cscsim.pictures.shots import Shot
    from cscsim.pictures.sources import Run

__all__ = ["Picture", "Pictures", "choose_shots", "draw_pictures"]

_CHANGED = 0.2
"""Part by which the counts of an image differ from those of the last one of its kind, for it to be shown."""
_MOST = 24
_SCALE = 0.05
"""Size of the images that are rendered: a thumbnail has no more pixels."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image with its pixels, PNG as text that a page holds; empty if it was not rendered."""

    shot: Shot
    source: str

    def as_dict(self) -> dict[str, Any]:
        """Return what is known of the image."""
        return self.shot.as_json()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """The images of a run.

    Attributes
    ----------
    shots
        All that were taken, as far as the run could be done again.
    chosen
        Those that are shown.
    notes
        Why there are none, or none with pixels, in sentences.
    """

    shots: tuple[Shot, ...] = ()
    chosen: tuple[Picture, ...] = ()
    notes: tuple[str, ...] = ()


def draw_pictures(debriefed: Debriefed, *, is_drawn: bool) -> Pictures:
    """Run again what was recorded, choose images and render them.

    Parameters
    ----------
    is_drawn
        Whether pixels are wanted.
    """
    from fsm import AuthorError

    if not debriefed.debrief.timeline.images:
        return Pictures()
    try:
        run = debriefed.images()
    except AuthorError as error:
        return Pictures(notes=(f"The images cannot be shown: {error.message}.",))
    known = {each.name for each in debriefed.debrief.timeline.images}
    shots = tuple(shot for shot in run.shots if shot.name in known)
    chosen = choose_shots(shots)
    missing = [name for name in ("scipy", "matplotlib") if find_spec(name) is None]
    if not is_drawn or missing:
        notes = ["Pictures of images need " + " and ".join(missing) + ": pip install 'cscsim[pipelines]'."]
        return Pictures(
            shots=shots, chosen=tuple(Picture(shot, "") for shot in chosen), notes=tuple(notes if missing else ())
        )
    return Pictures(
        shots=shots, chosen=tuple(Picture(shot, _thumbnail(run, shot)) for shot in chosen), notes=tuple(run.notes)
    )


def choose_shots(shots: Sequence[Shot]) -> tuple[Shot, ...]:
    """Choose what is worth a look: of each kind the first, the last, and where its light has changed; at most 24.

    Of a photon transfer curve, whose light changes with every pair, only the first and the last.
    """
    last: dict[tuple[object, ...], Shot] = {}
    kept: dict[str, Shot] = {}
    for shot in shots:
        is_curve = shot.reason.endswith("PTC")
        kind = (shot.image_type, shot.filter, shot.grating, is_curve or shot.exposure_time)
        before = last.get(kind)
        if before is None or (not is_curve and _has_changed(before, shot)):
            kept[shot.name] = shot
        last[kind] = shot
    wanted = list({**kept, **{shot.name: shot for shot in last.values()}})[:_MOST]
    return tuple(shot for shot in shots if shot.name in wanted)


def _has_changed(before: Shot, shot: Shot) -> bool:
    then, now = before.counts or 0.0, shot.counts or 0.0
    return abs(now - then) > max(_CHANGED * max(abs(then), abs(now)), 10.0)


def _thumbnail(run: Run, shot: Shot) -> str:
    from csc.ocps.developing import develop
    from cscsim.pictures.drawing import draw_thumbnail

    detector = shot.detectors[len(shot.detectors) // 2]
    image = develop(run.raw(shot, detector, _SCALE), shot.instrument, detector, is_raw=False, calibrations={})
    return "data:image/png;base64," + b64encode(draw_thumbnail(image, side=1.4)).decode()
