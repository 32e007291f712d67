"""Checking a procedure before it runs: which of its conditions always hold, which never can, which depend."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from csc import Catalogue, ObservatorySheet, ObservatoryVocabulary
from csc.foresight import Cast, Foresight, Span, World
from fsm import AuthorError, Condition
from fsm.conditions import narrow
from procedures.blocks import Block, Blocks
from procedures.checking.calling import exact_config
from procedures.checking.explorer import Explorer
from procedures.checking.frame import Frame, ProcedureView
from procedures.checking.kinds import BODIES, CONSEQUENCES
from procedures.checking.ledger import Finding, Trail, Verdict
from procedures.checking.rules import Rules
from procedures.checking.stepping import Procedure as WholeProcedure
from procedures.config import parse_config, validate_config
from procedures.library import Library
from procedures.model import Procedure

__all__ = ["CheckReport", "Checker"]

MOST_SITUATIONS = 3_000


@dataclass(frozen=True, kw_only=True)
class CheckReport:
    """What came of a check.

    Attributes
    ----------
    findings
        Every condition that was met, in the order in which it was.
    durations
        The least and the greatest time [s] of the whole (`all`) and of each step.
    failures
        How it may fail, each with the shortest way there.
    exhausted
        Whether every situation was looked at; if not, nothing is proved.
    """

    name: str
    title: str
    findings: tuple[Finding, ...]
    durations: Mapping[str, Span]
    failures: Mapping[str, Trail | None]
    situations: int
    exhausted: bool

    def of(self, verdict: Verdict) -> list[Finding]:
        """Return the findings with a verdict."""
        return [finding for finding in self.findings if self.verdict(finding) is verdict]

    def verdict(self, finding: Finding) -> Verdict:
        """Return what is known of a condition; where not every situation was looked at, nothing is certain."""
        return finding.verdict if self.exhausted else Verdict.OPEN

    @property
    def refuted(self) -> list[Finding]:
        """Conditions that never hold where they stand."""
        return self.of(Verdict.REFUTED)

    @property
    def duration(self) -> Span | None:
        """How long the whole may take [s]; None if no way to its end was found."""
        return self.durations.get("all")

    @property
    def never_ends(self) -> bool:
        """Whether it certainly cannot come to its end."""
        return self.exhausted and self.duration is None

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "name": self.name,
            "title": self.title,
            **{str(verdict): len(self.of(verdict)) for verdict in Verdict},
            "ends": self.duration is not None,
            "exhausted": self.exhausted,
            "situations": self.situations,
            "findings": [{**finding.as_json(), "verdict": str(self.verdict(finding))} for finding in self.findings],
            "durations": {
                name: {"least": span.low, "greatest": None if math.isinf(span.high) else span.high}
                for name, span in self.durations.items()
            },
        }


class Checker:
    """Checks procedures and blocks of one observatory.

    Parameters
    ----------
    library, blocks
        Where procedures and blocks that are called are found.
    observatory, vocabulary, catalogue
        The components, and how they begin.
    rules
        What experience demands besides.
    assume
        What else holds at the beginning.
    anything
        Begin with components in any state but FAULT instead of the observatory's.
    limit
        So many situations are looked at, at most.
    notice
        Is told how many have been looked at.
    """

    def __init__(
        self,
        *,
        library: Library,
        blocks: Blocks,
        observatory: ObservatorySheet,
        vocabulary: ObservatoryVocabulary,
        catalogue: Catalogue,
        rules: Rules,
        assume: Iterable[Condition] = (),
        anything: bool = False,
        limit: int = MOST_SITUATIONS,
        notice: Callable[[int], object] = bool,
    ) -> None:
        self._library = library
        self._blocks = blocks
        self._canonical = vocabulary.canonical
        self._observatory = observatory
        self._catalogue = catalogue
        self._rules = rules
        self._assume = tuple(assume)
        self._anything = anything
        self._limit = limit
        self._notice = notice

    def check(self, procedure: Procedure, config: Mapping[str, Any] | None = None) -> CheckReport:
        """Think a procedure through.

        Raises
        ------
        AuthorError
            If the configuration does not fit, or what is assumed cannot be.
        """
        complete = validate_config(procedure, dict(config or {}))
        frame = Frame(procedure.name, "", procedure, exact_config(complete), procedure.kind == "script")
        sheet = self._observatory if procedure.begins is None else procedure.begins.on(self._observatory)
        return self._explore(procedure.name, procedure.title, [frame], sheet)

    def check_block(self, block: Block) -> CheckReport:
        """Think the scripts of a block through, one after the other.

        Raises
        ------
        AuthorErrors
            If one of its scripts does not exist or does not take its configuration.
        """
        self._blocks.check(block, self._library)
        frames = []
        for number, (path, _, text) in enumerate(self._blocks.configuration(block), start=1):
            procedure = self._library.find(path)
            config = exact_config(parse_config(procedure, text))
            frames.append(Frame(f"{block.program} {number} {procedure.name}", "", procedure, config, True))
        return self._explore(block.program, block.name, frames, self._observatory)

    def _explore(self, name: str, title: str, frames: list[Frame], sheet: ObservatorySheet) -> CheckReport:
        foresight = Foresight(Cast(sheet, self._catalogue))
        explorer = Explorer(
            foresight,
            self._canonical,
            library=self._library,
            blocks=self._blocks,
            rules=self._rules,
            bodies=BODIES,
            consequences=CONSEQUENCES,
            limit=self._limit,
            notice=self._notice,
        )
        world = foresight.anything() if self._anything else foresight.opening()
        for condition in self._assume:
            world = self._assumed(explorer, world, frames[0], condition)
        explorer.explore(world, map(partial(explorer.make, WholeProcedure), frames))
        return CheckReport(
            name=name,
            title=title,
            findings=tuple(explorer.ledger),
            durations=explorer.durations,
            failures=explorer.failures,
            situations=explorer.looked_at,
            exhausted=explorer.exhausted,
        )

    def _assumed(self, explorer: Explorer, world: World, frame: Frame, condition: Condition) -> World:
        view = ProcedureView(explorer.cast, world, self._canonical, frame, {})
        more = narrow(condition, view, holds=True)
        if more is None:
            raise AuthorError(f"{condition} cannot be so at the beginning; --from any begins anywhere")
        return explorer.foresight.learn(world, more)
