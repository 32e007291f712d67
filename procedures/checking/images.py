"""Exposures, as far as conditions go: one stands for all that are alike.

A series ends with the state of every component as it began but for the first image, so one image more is thought
through until nothing new comes about; how long the series takes is as many times what one takes.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from csc.foresight import FOREVER, Span
from csc.foresight.span import NOW, span_of
from fsm import NULL
from fsm.conditions import Possible, exactly, join_all, one_of
from procedures import model
from procedures.checking.body import Body
from procedures.checking.commanding import send
from procedures.checking.explorer import Explorer
from procedures.checking.frame import Frame
from procedures.checking.ledger import Seen
from procedures.checking.resting import rest
from procedures.checking.situation import Situation

__all__ = ["Archived", "Expose"]

READOUT = 2.0
"""What a client allows for the read-out [s]."""
CAMERA_GRACE = 120.0
"""What a client allows beyond exposure and read-out [s]."""
FEW = 3
"""So many images are thought through one by one."""
SHUT = ("BIAS", "DARK")


class Expose(Body):
    """Exposures, one after the other."""

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Begin a series."""
        step: model.TakeImages = self.step
        camera = explorer.value(situation, self.frame, step.camera).only
        self.keep(situation, thread, step.save, Possible())
        self.keep(situation, thread, step.save_ids, Possible())
        if not isinstance(camera, str):
            return [rest(explorer, situation, thread, FOREVER)]
        times = explorer.value(situation, self.frame, step.exposure_times)
        count = explorer.value(situation, self.frame, step.count)
        if isinstance(times.only, tuple):
            that = f"there is an exposure time for each of {count} images"
            fits = count.known.is_never or count.may_be(NULL) or count.may_be(len(times.only))
            self.note(explorer, situation, "field", that, frozenset((fits,)), seen=partial(Seen, str(times)))
            if not fits:
                return explorer.fail(situation, thread, f"{self.where}: {that}")
            number, exposures = Span(len(times.only), len(times.only)), join_all(exactly(each) for each in times.only)
        else:
            number, exposures = span_of(count), times.known
        situation.let(thread, "exposure", exposures)
        situation.let(thread, "number", Possible(None, number.low, number.high))
        one = explorer.make(OneImage, self.frame, step, camera)
        if number.high <= FEW and number.low == number.high:
            return [explorer.push(situation, thread, *([one] * int(number.high)))]
        return [explorer.push(situation, thread, explorer.make(Series, one))]


class Archived(Body):
    """Images arrive in the archive, or do not."""

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Wait for a while."""
        limit = explorer.span(situation, self.frame, self.step.timeout, CAMERA_GRACE) or FOREVER
        return [rest(explorer, situation, thread, Span(0.0, limit.high))]


class OneImage(Body):
    """One exposure: the camera takes it and reads it out."""

    def __init__(self, frame: Frame, step: Any, camera: str) -> None:
        super().__init__(frame, step)
        self._camera = camera

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Take it."""
        step: model.TakeImages = self.step
        exposure = situation.variables[thread]["exposure"]
        image_type = explorer.value(situation, self.frame, step.image_type)
        open_for = one_of(str(each).upper() not in SHUT for each in image_type.values or ("BIAS", "FLAT"))
        fields = {
            "numImages": exactly(1),
            "expTime": exposure,
            "shutter": open_for,
            "keyValueMap": Possible(),
            "obsNote": Possible(),
        }
        longest = span_of(exposure).plus(Span(READOUT + CAMERA_GRACE, READOUT + CAMERA_GRACE))
        pause = explorer.span(situation, self.frame, step.pause, 0.0) or NOW
        explorer.push(situation, thread, explorer.make(Pause, self, pause))
        given = {"image_type": one_of(str(each).upper() for each in image_type.values or ())}
        return send(explorer, situation, thread, self, self._camera, "takeImages", fields, limit=longest, given=given)


class Pause:
    """What a client waits for between images."""

    def __init__(self, body: Any, pause: Span) -> None:
        self._body = body
        self._pause = pause

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Wait."""
        return [rest(explorer, situation, thread, self._pause)]


class Series:
    """Many images: one, and then as many more as there are."""

    def __init__(self, one: OneImage) -> None:
        self._one = one

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Remember when it began."""
        situation.saved[thread] = dict(situation.world.clocks)
        situation.world.clocks[f"{thread} image"] = NOW
        return [explorer.push(situation, thread, self._one, explorer.make(SeriesGoesOn, self._one))]


class SeriesGoesOn:
    """The end of an image: the series goes on, or is over after as long as all images take."""

    def __init__(self, one: OneImage) -> None:
        self._one = one

    def do(self, explorer: Explorer, situation: Situation, thread: str) -> list[Situation]:
        """Go both ways."""
        hull = situation.variables[thread]["number"].hull or (0.0, math.inf)
        world = situation.world
        more = situation.copy()
        more.world.clocks = dict(situation.saved[thread])
        more.world.clocks[f"{thread} image"] = NOW
        explorer.push(more, thread, self._one, self)
        taken = world.clocks.pop(f"{thread} image", NOW)
        world.clocks = {
            name: since.plus(Span(taken.low * hull[0], _times(taken.high, hull[1])))
            for name, since in situation.saved.pop(thread).items()
        }
        left = Span(taken.low * max(0.0, hull[0] - 1), _times(taken.high, max(0.0, hull[1] - 1)))
        world.alarms = {name: span.after(left) for name, span in world.alarms.items()}
        world.timers = {key: timer.after(left) for key, timer in world.timers.items()}
        return [situation, more]


def _times(one: float, two: float) -> float:
    return 0.0 if 0.0 in (one, two) else one * two
