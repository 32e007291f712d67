"""A short rehearsal of a lamp and a dome, recorded and done again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from cscsim.locate import Site, open_site
from fsm import Record
from procedures import Asker, Rehearsal, Report, Spectator, parse_injection, rehearse
from procedures.asker import RecordedAsker
from procedures.branch import Branch
from procedures.moment import Moment, parse_moment
from procedures.replay import Follower, Recording, read_recording

DATA = Path(__file__).parents[2] / "cscsim" / "data"


@cache
def site() -> Site:
    return open_site(str(DATA / "small.yaml"))


def lamp(**circumstances: Any) -> Rehearsal:
    here = site()
    return Rehearsal(
        procedure=here.procedure(str(DATA / "light.yaml")),
        library=here.library,
        blocks=here.blocks,
        observatory=here.sheet,
        **circumstances,
    )


def moment(text: str) -> Moment:
    return parse_moment(text, site().truth)


def branch(at: str, *faults: str) -> Branch:
    return Branch(moment=moment(at), faults=tuple(parse_injection(fault, site().truth) for fault in faults))


def record(
    rehearsal: Rehearsal, path: Path, asker: Asker | None = None, spectator: Spectator | None = None
) -> Recording:
    rehearse(replace(rehearsal, journal=path), asker=asker, spectator=spectator)
    return read_recording(path)


def again(rehearsal: Rehearsal, recording: Recording, **options: Any) -> tuple[Any, Report]:
    """Run again; the follower is told with what a test knows to be there."""
    follower = Follower(recording, **options)
    report = rehearse(rehearsal, asker=RecordedAsker(recording.answers), spectator=follower)
    return follower, report


@dataclass
class Interrupting:
    """Ends a run as Ctrl-C does, when a record of a kind comes."""

    kind: str
    loop: Any = field(default=None)

    def begin(self, rehearsal: Any, observatory: Any) -> None:
        self.loop = observatory.clock.loop

    def see(self, record: Record) -> None:
        if record["kind"] == self.kind and self.loop.main is not None:
            self.loop.call_soon(asyncio.Task.cancel, self.loop.main)


@dataclass
class Saying:
    """Answers every question alike."""

    answer: bool

    async def confirm(self, question: str, look_at: tuple[str, ...]) -> bool:
        return self.answer

    async def announce(self, text: str) -> None:
        pass
