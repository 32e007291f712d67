"""Follows a run that is done again: holds every record against the journal, and stops it where that is wanted.

It only looks. A run that is not stopped goes on as if nobody had looked, so that the digests may be compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from csc import Observatory
from fsm import Record, line_of
from procedures.branch import Branch
from procedures.frame import Stage
from procedures.rehearsal import Rehearsal, Spectator
from procedures.replay.picture import Picture, take_picture
from procedures.replay.recording import Recording, record_of
from procedures.replay.tracker import Begun, Tracker

__all__ = ["Follower", "Parting", "Verdict", "Watchable"]


class Watchable(Protocol):
    """Something that comes in a run, such as a moment."""

    def watch(self, observatory: Observatory, act: Callable[[], object], /) -> Callable[[], None]:
        """Call `act` once when it comes, between two callbacks; return what ends the watch."""


class Verdict(Enum):
    """What came of holding a run against a journal."""

    SAME = "same"
    CUT = "cut"
    INTERRUPTED = "interrupted"
    STOPPED = "stopped"
    BRANCHED = "branched"
    PARTED = "parted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """Where a run leaves its journal: two records of one number; None for one that is not there."""

    number: int
    then: Record | None
    now: Record | None
    step: Begun | None


class Follower:
    """Watches a run that is done again.

    Parameters
    ----------
    recording
        The journal.
    until
        Where to look; None goes on to the end.
    look
        Called there, between two callbacks; the run is called off afterwards, unless it is told where to look next.
    branches
        Whether the run leaves the journal on purpose: at the first branch that the journal does not have.
    others
        Who else watches.

    Attributes
    ----------
    held
        How many records were the same.
    parting
        Where the run first left the journal; None while it has not.
    picture
        The run where it was stopped.
    """

    def __init__(
        self,
        recording: Recording,
        *,
        until: Watchable | None = None,
        look: Callable[[Follower], Watchable | None] | None = None,
        branches: bool = False,
        others: Spectator | None = None,
    ) -> None:
        self.recording = recording
        self.held = 0
        self.parting: Parting | None = None
        self.picture: Picture | None = None
        self.stopped = False
        self.branched = False
        self.tracker = Tracker()
        self._until = until
        self._look = look
        self._branches = branches
        self._others = others
        self._lines = recording.lines()

    # ------------------------------------------------------------ the spectator

    def begin(self, rehearsal: Rehearsal, observatory: Observatory) -> None:
        """Hold what there is against the journal, and learn where to stop."""
        stage = rehearsal.library.stage
        if stage is None:
            raise RuntimeError("a run has a stage when it begins")
        self.stage: Stage = stage
        self.observatory = observatory
        if self._others is not None:
            self._others.begin(rehearsal, observatory)
        for record in observatory.journal.records:
            self.see(record)
        self._watch(self._until)

    def see(self, record: Record) -> None:
        """Hold a record against the journal's."""
        self.tracker.see(record)
        if self._others is not None:
            self._others.see(record)
        if self.is_following:
            self._hold(record)

    # ------------------------------------------------------------ what came of it

    @property
    def is_following(self) -> bool:
        """Whether records are still held against the journal."""
        return not (self.stopped or self.branched or self.parting is not None or self.is_through)

    @property
    def is_through(self) -> bool:
        """Whether every record of a journal that was cut has come."""
        return self.recording.is_cut and self.held == self.recording.records

    @property
    def verdict(self) -> Verdict:
        """What came of it."""
        if self.branched:
            return Verdict.BRANCHED
        if self.parting is not None:
            return Verdict.INTERRUPTED if self._by_hand(self.parting) else Verdict.PARTED
        if self.is_through:
            return Verdict.CUT
        if self.stopped:
            return Verdict.STOPPED
        return Verdict.SAME if self.held == self.recording.records else Verdict.PARTED

    def take_picture(self) -> Picture:
        """Look at the run now."""
        return take_picture(self.stage, self.tracker)

    def branch(self, branch: Branch) -> None:
        """Leave the journal now."""
        self.branched = True
        branch.happen(self.observatory)

    # ------------------------------------------------------------ how it is done

    def _hold(self, record: Record) -> None:
        line = next(self._lines, None)
        if line == line_of(record):
            self.held += 1
            if self.is_through and not self._branches:
                self.observatory.clock.loop.interrupt(self._stop)
            return
        if self._branches and record["kind"] == "branch":
            self.branched = True
            return
        then = None if line is None else record_of(line, self.recording.path, self.held + 1)
        self.parting = Parting(number=self.held + 1, then=then, now=record, step=self.tracker.last_step)
        self.observatory.clock.loop.interrupt(self._stop)

    def _by_hand(self, parting: Parting) -> bool:
        """Tell whether the journal's run was ended from outside where this one goes on."""
        return self.recording.was_interrupted and parting.then is not None and parting.then["t"] == self.recording.last

    def _watch(self, moment: Watchable | None) -> None:
        if moment is not None:
            moment.watch(self.observatory, self._arrive)

    def _arrive(self) -> None:
        """Look; then go on to the next moment, or stop."""
        if self.picture is not None:
            return
        following = self._look(self) if self._look is not None else None
        if following is None:
            self.stopped = True
            self._stop()
        else:
            self._watch(following)

    def _stop(self) -> None:
        if self.picture is None:
            self.picture = self.take_picture()
            main = self.observatory.clock.loop.main
            if main is not None and self.stage.frames:  # otherwise it ends by itself
                main.cancel()
