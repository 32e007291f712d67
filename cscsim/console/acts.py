"""What anybody may ask the desk for: commands, time, components, the procedure, images, words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from csc import AckError, SummaryState
from csc.messages import Ack
from cscsim.console.asked import Asked
from cscsim.console.desk import Desk
from cscsim.console.explaining import explain
from cscsim.console.images import image_row
from cscsim.console.sheets import sheet_of
from cscsim.console.typed import read_fields
from fsm import OperatorError
from fsm.document import nearest
from procedures import model
from procedures.training import Announced, Answer, Note

__all__ = ["ACTS", "Act"]

Act = Callable[[Desk, Asked], Any]
"""Does what is asked for and returns the answer, or a coroutine that does."""

_STOPS = (
    ("ATDomeTrajectory", "disable"),
    ("ATPtg", "stopTracking"),
    ("ATDome", "stopMotion"),
    ("ATMCS", "stopTracking"),
)
"""What the observatory's control sends to stop everything that moves, whatever comes of each
(lsst-ts/ts_observatory_control: python/lsst/ts/observatory/control/auxtel/atcs.py, stop_all)."""
_STATE_TIMEOUT = 60.0


def command(desk: Desk, asked: Asked) -> Any:
    """Send a command."""
    component, name = desk.name_of(asked.text("component")), asked.text("command")
    blueprint = desk.seen.vocabulary().blueprints.get(component)
    plan = blueprint.commands.get(name) if blueprint is not None else None
    fields = asked.mapping("fields")
    return desk.send(asked, component, name, read_fields(plan, fields) if plan is not None else dict(fields))


def explained(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Say what would come of commands."""
    typed = asked.mapping("fields")
    if not all(isinstance(values, Mapping) for values in typed.values()):
        raise OperatorError("explain fields: values by field, by command are expected")
    with desk.seen.looking():
        return explain(desk.seen, desk.name_of(asked.text("component")), typed)


async def state(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Bring a component or group to a summary state."""
    if desk.pace.frozen and asked.role != "instructor":
        raise OperatorError("the instructor has frozen time; commands are taken again afterwards")
    of, to = asked.text("of"), asked.one_of("to", tuple(each.name for each in SummaryState if each.name != "FAULT"))
    members = desk.observatory.groups.get(of) or (desk.name_of(of),)
    override, passed, failed = asked.text("override", ""), {}, []
    for member in members:
        remote = desk.observatory.remote(member, asked.by)
        try:
            passed[member] = await remote.set_summary_state(to, override=override, timeout=_STATE_TIMEOUT)
        except (RuntimeError, AckError) as error:
            failed.append(str(error))
        finally:
            remote.close()
    if failed:
        raise OperatorError("; ".join(failed))
    return {"passed": passed}


def stop_all(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Stop whatever moves, and the script that runs."""
    sent = []
    bus = desk.observatory.bus
    for component, name in _STOPS:
        there = desk.observatory.components.get(component)
        if there is not None and name in there.blueprint.commands:
            bus.send(component, name, {}, identity=asked.by, reply=_pass_over)
            sent.append(f"{component}.{name}")
    for queue in desk.queues.names:
        current = desk.queues.look(queue)["current"]
        if current is not None and current["process"] == "RUNNING":
            fields = {"length": 1, "salIndices": [current["index"]], "terminate": False}
            bus.send(queue, "stopScripts", fields, identity=asked.by, reply=_pass_over)
            sent.append(f"{queue}.stopScripts")
    return {"sent": sent}


def _pass_over(_: Ack) -> None:
    """Pass an acknowledgement over: it is in the journal, and so in the page's records."""


def sheet(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Return a data sheet."""
    name = desk.name_of(asked.text("component"))
    return sheet_of(name, desk.seen.vocabulary().blueprints[name], asked.role)


def look(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Return the last sample of everything that a component publishes."""
    name = desk.name_of(asked.text("component"))
    found = {}
    with desk.seen.looking():
        for topic in desk.seen.vocabulary().blueprints[name].topics:
            sample = desk.seen.last(name, topic)
            if sample is not None:
                found[topic] = {"t": round(sample.t, 6), "data": sample.data}
    return {"component": name, "t": round(desk.clock.now, 6), "topics": found}


def speed(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Let time go as it is wanted."""
    wanted = asked.data.get("to")
    desk.pace.to(asked.number("to") if isinstance(wanted, int | float) else asked.text("to"), by=asked.by)
    return desk.pace.as_dict()


# ------------------------------------------------------------------ the procedure at hand


def _step(desk: Desk, asked: Asked) -> model.Step:
    identity = asked.text("step")
    if desk.following is None:
        raise OperatorError("there is no procedure at hand")
    found = desk.following.guide.find(identity)
    if found is None:
        near = nearest(identity, [each.id for each in desk.following.guide.steps])
        hint = f"; did you mean {near}?" if near else ""
        raise OperatorError(f"{desk.following.guide.procedure.name} has no step {identity[:40]}{hint}")
    return found.step


def confirm(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Record an answer to a human check."""
    step = _step(desk, asked)
    if not isinstance(step, model.Confirm) or desk.following is None:
        raise OperatorError(f"step {step.id} asks nothing")
    with desk.seen.looking():
        question = step.question.fill(desk.following.scope)
    desk.session.act(Answer(step=step.id, question=question, answer=asked.flag("answer", True)), by=asked.by)
    return {}


def announce(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Record that words were passed on."""
    step = _step(desk, asked)
    if not isinstance(step, model.Announce) or desk.following is None:
        raise OperatorError(f"step {step.id} announces nothing")
    with desk.seen.looking():
        text = step.text.fill(desk.following.scope)
    desk.session.act(Announced(step=step.id, text=text), by=asked.by)
    return {"text": text}


def do_step(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Carry a step out."""
    if desk.pace.frozen and asked.role != "instructor":
        raise OperatorError("the instructor has frozen time")
    step = _step(desk, asked)
    desk.do_step(step.id)
    return {"step": step.id}


def cancel_step(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Leave a step off."""
    desk.cancel_step()
    return {}


def mark(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Tick a step."""
    step = _step(desk, asked)
    if desk.following is not None:
        desk.following.mark(step.id, done=asked.flag("done", True))
    return {}


def reply(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Answer a question of a procedure that runs."""
    desk.asker.reply(asked.whole("ask"), answer=asked.flag("answer", True))
    return {}


# ------------------------------------------------------------------ words, and acts at the hardware


def report(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Record what is suspected."""
    act = desk.session.report(asked.text("suspicion"), asked.text("text", ""), by=asked.by)
    return {"component": act.component, "fault": act.fault}


def note(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Record words."""
    desk.session.act(Note(text=asked.text("text")), by=asked.by)
    return {}


def hint(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Show the next hint."""
    text = desk.session.hint(by=asked.by)
    given = desk.session.hints_given
    left = len(desk.session.training.hints) - given
    return {"number": given if text is not None else 0, "text": text or "", "left": left}


def by_hand(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Do something at the hardware."""
    name = desk.component(asked.text("component")).name
    return {"done": desk.session.by_hand(name, asked.text("act"), by=asked.by)}


# ------------------------------------------------------------------ images


def images(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Return rows of older images, the newest first."""
    before, count = asked.text("before", ""), min(max(asked.whole("count", 100), 1), 500)
    rows = [image_row(each, desk.clock.tai_start) for each in desk.images]
    names = [row["name"] for row in rows]
    end = names.index(before) if before in names else len(rows)
    return {"images": rows[max(0, end - count) : end][::-1]}


ACTS: Mapping[str, Act] = {
    "command": command,
    "explain": explained,
    "state": state,
    "stop_all": stop_all,
    "sheet": sheet,
    "look": look,
    "speed": speed,
    "confirm": confirm,
    "announce": announce,
    "do_step": do_step,
    "cancel_step": cancel_step,
    "mark": mark,
    "reply": reply,
    "report": report,
    "note": note,
    "hint": hint,
    "by_hand": by_hand,
    "images": images,
}
