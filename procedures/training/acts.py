"""What a person does in a run besides commanding: each is one record of the journal, all written by `write_act`.

Commands need nothing here: the bus records them with who sent them. A console, a terminal and a scripted trainee write
the rest by this one function, so that a score and a debrief find the same records whoever has made them.

    report     names what is suspected: a component, and perhaps one of its faults
    note       words for whoever reads the journal
    hint       a hint was shown
    pause      simulated time was stopped, or goes on
    hand       something was done at the hardware, by hand or by whom the observer has asked
    confirm    a human check was answered        announce    words were passed on
    refused    what somebody asked of a console was refused before it came to the bus
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar, Literal, TypeAlias

from csc import ObservatoryVocabulary
from fsm import AuthorError, Journal, nearest
from procedures.placement import find_component, placed_name

__all__ = [
    "OBSERVER",
    "Announced",
    "Answer",
    "Hand",
    "Hint",
    "Note",
    "Pause",
    "PersonalAct",
    "Refusal",
    "Report",
    "parse_suspicion",
    "write_act",
]

OBSERVER = "observer"
"""Who is trained, in the journal and as the sender of commands."""
LONGEST_TEXT = 2000
"""Characters of what a person writes that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is suspected; `fault` is empty if only the component is named."""

    kind: ClassVar[str] = "report"
    component: str
    fault: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Words of one's own."""

    kind: ClassVar[str] = "note"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A hint that was shown; `number` from 1, 0 for one in an instructor's own words."""

    kind: ClassVar[str] = "hint"
    number: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Simulated time was stopped, or goes on."""

    kind: ClassVar[str] = "pause"
    what: Literal["paused", "resumed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Something done at the hardware: a trigger, or a fault taken away; `what` says whether there was one."""

    kind: ClassVar[str] = "hand"
    component: str
    act: str
    what: Literal["done", "nothing to do"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer to a human check of the procedure."""

    kind: ClassVar[str] = "confirm"
    step: str
    question: str
    answer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """Words that were passed on, as a step of the procedure wants it."""

    kind: ClassVar[str] = "announce"
    step: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What `by` asked of a console, and why it was refused; who writes it is the console itself."""

    kind: ClassVar[str] = "refused"
    by: str
    what: str
    because: str


PersonalAct: TypeAlias = Report | Note | Hint | Pause | Hand | Answer | Announced | Refusal


def write_act(journal: Journal, act: PersonalAct, *, by: str = OBSERVER) -> None:
    """Record what a person has done, now.

    Parameters
    ----------
    by
        ``observer`` or ``instructor``; with a name after a colon where there are several, ``observer:Ana``.
    """
    journal.write(act.kind, by, **{each.name: _kept(getattr(act, each.name)) for each in fields(act)})


def _kept(value: object) -> object:
    """Shorten words that are too long to be kept."""
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"{value[:LONGEST_TEXT]}…"
    return value


def parse_suspicion(text: str, vocabulary: ObservatoryVocabulary, words: str = "") -> Report:
    """Read what a trainee suspects, ``ATDome`` or ``ATDome.encoder_slip``.

    Raises
    ------
    AuthorError
        If there is no such component or fault; names the nearest.
    """
    name, _, fault = text.strip().partition(".")
    plan = find_component(name, vocabulary, None)
    if fault and fault not in plan.faults:
        raise AuthorError(f"{name} has no fault {fault}", suggestion=nearest(fault, plan.faults))
    return Report(component=placed_name(name, vocabulary), fault=fault, text=words)
