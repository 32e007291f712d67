"""Plays a procedure written in a test against the tiny component."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from csc import Observatory, ObservatorySheet, vocabulary_of
from csc.latiss.images import ImageStore
from csc.observatory import PlacedComponent
from fsm import Clock, Journal, Record, simulate
from procedures import Library, load_procedure, validate_config
from procedures.frame import Stage
from procedures.runner import run_procedure
from tests.csc import tiny

SHEET = ObservatorySheet(
    observatory="tiny",
    title="tiny",
    start="2026-01-15T13:00:00",
    components={"Tiny": PlacedComponent(state="ENABLED"), "Peer": PlacedComponent()},
    groups={"BOTH": ("Tiny", "Peer")},
)


@dataclass
class ScriptedAsker:
    """Gives prepared answers; yes when they run out."""

    answers: list[bool] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def confirm(self, question: str, look_at: tuple[str, ...]) -> bool:
        self.asked.append(question)
        return self.answers.pop(0) if self.answers else True

    async def announce(self, text: str) -> None:
        self.asked.append(text)


@dataclass
class Played:
    """What a test looks at afterwards."""

    error: Any
    t: float
    records: list[Record]
    components: dict[str, Any]
    variables: dict[str, Any]

    def of(self, kind: str) -> list[Record]:
        return [record for record in self.records if record["kind"] == kind]

    def commands(self) -> list[str]:
        return [record["command"] for record in self.of("command")]

    def steps(self, what: str) -> list[str]:
        return [record["step"] for record in self.of("step") if record["what"] == what]


def vocabulary():
    return vocabulary_of(SHEET, tiny.catalogue())


def load(steps: str, head: str = "", name: str = "play.yaml"):
    text = f"procedure: play\nkind: script\ntitle: a play\n{head}\nsteps:\n{steps}"
    return load_procedure(text, vocabulary(), name=name)


def play(
    steps: str, *, head: str = "", config: dict[str, Any] | None = None, asker: Any = None, root: Path | None = None
) -> Played:
    procedure = load(steps, head)

    async def main(clock: Clock) -> Played:
        journal = Journal(lambda: clock.now)
        images = ImageStore()
        services = {"images": images}
        async with Observatory(SHEET, clock, journal, services=services, catalogue=tiny.catalogue()) as observatory:
            library = Library(vocabulary(), root)
            stage = Stage(observatory=observatory, library=library, images=images, asker=asker or ScriptedAsker())
            error: Exception | None = None
            variables: dict[str, Any] = {}
            try:
                frame = await run_procedure(stage, procedure, validate_config(procedure, config or {}), who="play")
                variables = dict(frame.scope.variables)
            except Exception as failure:
                error = failure
            return Played(error, clock.now, journal.records, observatory.snapshot(), variables)

    return simulate(main)
