"""Acts as a training file writes them: what counts as noticing a cause, as curing it, or as a wrong cure.

=========================================  ============================================================
``report ATDome``                          names the component, with or without a fault of it
``report ATDome.encoder_slip``             names this fault of it, or the component alone
``command ATDome``                         any command to it
``command ATDome.homeAzimuth``             this one
``script auxtel/atdome/home_dome.py``      put on a queue
``script set_summary_state.py about X``    put on a queue with a configuration in which that word stands
``block BLOCK-310``                        given to a Scheduler
``hand ATDome.emergency_stop``             a fault taken away, or a trigger fired, at the hardware
``answer no light``                        yes or no to the human check of a step
``pause``                                  the clock is stopped, to think
=========================================  ============================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from csc import ObservatoryVocabulary
from fsm import AuthorError, Position, nearest
from procedures.blocks import Blocks
from procedures.library import Library
from procedures.model import Confirm, Procedure
from procedures.placement import find_component, placed_name
from procedures.training.act import Act
from procedures.walk import walk_steps

__all__ = ["ActPattern", "Known", "parse_act_pattern"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActPattern:
    """A kind of act; what is empty may be anything.

    Attributes
    ----------
    kind
        As in `Act`; ``answer`` for a human check.
    component, what
        As in `Act`.
    about
        A word in the configuration of a script; of an answer, ``yes`` or ``no``.
    """

    kind: str
    component: str = ""
    what: str = ""
    about: str = ""

    def fits(self, act: Act) -> bool:
        """Tell whether an act is of this kind."""
        match self.kind:
            case "report":
                named = not self.what or act.what in ("", self.what)
                return act.kind == "report" and act.component == self.component and named
            case "command":
                # A script or a block is carried by a command, too.
                sent = act.kind in ("command", "script", "block") and act.component == self.component
                return sent and self.what in ("", act.what)
            case "script":
                words = re.findall(r"[\w:.]+", str(act.data.get("config", "")))
                return act.kind == "script" and act.what == self.what and (not self.about or self.about in words)
            case "answer":
                said = "yes" if act.data.get("answer") else "no"
                return act.kind == "confirm" and act.what == self.what and said == self.about
            case "pause":
                return act.kind == "pause" and act.what == "paused"
        return (act.kind, act.what) == (self.kind, self.what) and self.component in ("", act.component)

    def __str__(self) -> str:
        name = f"{self.component}.{self.what}" if self.component and self.what else self.component or self.what
        if self.kind == "answer":
            return f"answer {self.about} {name}"
        return " ".join([self.kind, *([name] if name else []), *(["about", self.about] if self.about else [])])


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What acts may be about."""

    truth: ObservatoryVocabulary
    library: Library
    blocks: Blocks
    procedure: Procedure


def parse_act_pattern(text: str, known: Known, at: Position | None = None) -> ActPattern:
    """Read an act, and check every name in it.

    Raises
    ------
    AuthorError
        If it is no act, or names what there is not; names the nearest.
    """
    kind, _, rest = text.strip().partition(" ")
    reader = _READERS.get(kind)
    if reader is None:
        words = f"{text}: an act begins with one of {', '.join(_READERS)}"
        raise AuthorError.at(at, words, suggestion=nearest(kind, _READERS))
    try:
        return reader(rest.strip(), known)
    except AuthorError as error:
        if error.file is not None:
            raise
        raise AuthorError.at(at, f"{text}: {error.message}", suggestion=error.suggestion) from error


def _one_of(what: str, names: Iterable[str], kind: str) -> str:
    names = list(names)
    if what not in names:
        raise AuthorError(f"there is no {kind} {what}", suggestion=nearest(what, names))
    return what


def _report(rest: str, known: Known) -> ActPattern:
    component, _, fault = rest.partition(".")
    plan = find_component(component, known.truth, None)
    if fault:
        _one_of(fault, plan.faults, f"fault of {component}")
    return ActPattern(kind="report", component=placed_name(component, known.truth), what=fault)


def _command(rest: str, known: Known) -> ActPattern:
    component, _, command = rest.partition(".")
    plan = find_component(component, known.truth, None)
    if command:
        _one_of(command, plan.commands, f"command of {component}")
    return ActPattern(kind="command", component=placed_name(component, known.truth), what=command)


def _script(rest: str, known: Known) -> ActPattern:
    path, _, about = rest.partition(" about ")
    return ActPattern(
        kind="script", what=_one_of(path.strip(), known.library.names("script"), "script"), about=about.strip()
    )


def _block(rest: str, known: Known) -> ActPattern:
    return ActPattern(kind="block", what=_one_of(rest, known.blocks.ids(), "block"))


def _hand(rest: str, known: Known) -> ActPattern:
    component, _, act = rest.partition(".")
    plan = find_component(component, known.truth, None)
    acts = [*plan.faults, *(trigger for fault in plan.faults.values() for trigger in fault.cured_by)]
    return ActPattern(
        kind="hand",
        component=placed_name(component, known.truth),
        what=_one_of(act, acts, f"fault or cure of {component}"),
    )


def _answer(rest: str, known: Known) -> ActPattern:
    said, _, step = rest.partition(" ")
    if said not in ("yes", "no"):
        raise AuthorError("an answer is yes or no, and then the step that asks")
    asking = [each.id for each in walk_steps(known.procedure.steps) if isinstance(each, Confirm)]
    name = f"human check of {known.procedure.name}"
    return ActPattern(kind="answer", what=_one_of(step.strip(), asking, name), about=said)


def _pause(rest: str, known: Known) -> ActPattern:
    if rest:
        raise AuthorError("pause stands alone")
    return ActPattern(kind="pause")


_READERS: Mapping[str, Callable[[str, Known], ActPattern]] = {
    "report": _report,
    "command": _command,
    "script": _script,
    "block": _block,
    "hand": _hand,
    "answer": _answer,
    "pause": _pause,
}
