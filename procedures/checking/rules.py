"""Rules: what experience demands of a command or a script besides what components and procedures check themselves.

Nothing refuses a flat in the dark. A rule says that it should not be taken, and why; it is only looked at before
anything runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from csc import ObservatoryVocabulary
from csc.blueprint import Command
from csc.foresight import Member
from fsm import (
    AuthorError,
    AuthorErrors,
    Condition,
    Name,
    Subject,
    Vocabulary,
    load_document,
    parse_condition,
    validate,
)
from fsm.conditions import Anything, Possible, judge

if TYPE_CHECKING:
    from procedures.checking.body import Body
    from procedures.checking.explorer import Explorer
    from procedures.checking.frame import Frame
    from procedures.checking.situation import Situation

__all__ = ["Rule", "Rules", "load_rules"]

RULES = Path(__file__).with_name("rules.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A condition that should hold when a command is sent or a script begins.

    Attributes
    ----------
    of
        ``ATCamera.takeImages``, or the path of a script.
    given
        What else must be so for the rule to apply, as `image_type: FLAT`.
    """

    name: str
    of: str
    that: Condition
    otherwise: str
    given: Mapping[str, str] = field(default_factory=dict)


class RuleSheet(BaseModel):
    """A rule as its author writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    of: str
    given: Mapping[str, str] = Field(default_factory=dict)
    that: str
    else_: str = Field(alias="else")
    source: str


class RulesSheet(BaseModel):
    """A file of rules."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    rules: Mapping[str, RuleSheet]


class _Words:
    """The names that rules may use: those of procedures, and a script's configuration."""

    def __init__(self, vocabulary: ObservatoryVocabulary) -> None:
        self._vocabulary = vocabulary

    def describe(self, name: Name) -> Subject | None:
        return Anything() if name.parts[:1] == ("config",) else self._vocabulary.describe(name)

    def suggest(self, name: Name) -> str | None:
        return self._vocabulary.suggest(name)


def load_rules(vocabulary: ObservatoryVocabulary, path: Path = RULES) -> Rules:
    """Read rules; those that speak of components which the observatory does not have are left out.

    Raises
    ------
    AuthorErrors
        With every mistake of the file.
    """
    document = load_document(path, name=path.name)
    sheet = validate(document, RulesSheet)
    words: Vocabulary = _Words(vocabulary)
    rules: list[Rule] = []
    errors: list[AuthorError] = []
    for name, item in sheet.rules.items():
        component = item.of.rpartition(".")[0]
        if not item.of.endswith(".py") and component not in vocabulary.blueprints:
            continue
        try:
            condition = parse_condition(item.that, words, at=document.position(("rules", name, "that")))
        except AuthorError as error:
            errors.append(error)
            continue
        rules.append(Rule(name=name, of=item.of, that=condition, otherwise=item.else_, given=item.given))
    if errors:
        raise AuthorErrors(errors)
    return Rules(rules)


class Rules:
    """Rules by what they are about.

    Parameters
    ----------
    rules
        All of them.
    """

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._by_subject: dict[str, list[Rule]] = {}
        for rule in rules:
            self._by_subject.setdefault(rule.of, []).append(rule)

    def judge_command(
        self,
        explorer: Explorer,
        situation: Situation,
        body: Body,
        member: Member,
        command: Command,
        given: Mapping[str, Possible],
    ) -> None:
        """Judge the rules about a command that is sent."""
        for rule in self._by_subject.get(f"{member.name}.{command.name}", ()):
            if all(given.get(key, Possible()).only == value for key, value in rule.given.items()):
                self._judge(explorer, situation, body.frame, rule, body.where, body.step.position)

    def judge_call(self, explorer: Explorer, situation: Situation, frame: Frame) -> None:
        """Judge the rules about a procedure that begins."""
        for rule in self._by_subject.get(frame.procedure.name, ()):
            self._judge(explorer, situation, frame, rule, frame.where(), None)

    @staticmethod
    def _judge(
        explorer: Explorer, situation: Situation, frame: Frame, rule: Rule, where: str, position: object
    ) -> None:
        truths = judge(rule.that, explorer.view(situation, frame))
        seen = partial(explorer.seen, situation, frame, rule.that)
        explorer.ledger.note(
            where,
            "rule",
            f"{rule.name}: {rule.that}",
            truths,
            call=frame.name,
            seen=seen,
            otherwise=rule.otherwise,
            trail=situation.trail,
        )
