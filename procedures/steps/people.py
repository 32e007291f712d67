"""Steps that only people can do."""

from __future__ import annotations

from procedures.failures import Declined
from procedures.frame import Frame
from procedures.model import Announce, Confirm

__all__ = ["run_announce", "run_confirm"]


async def run_confirm(step: Confirm, frame: Frame) -> None:
    """Ask a person; no ends the procedure."""
    question = step.question.fill(frame.scope)
    answer = await frame.stage.asker.confirm(question, step.look_at)
    frame.record("confirm", step=f"{frame.prefix}{step.id}", question=question, answer=answer)
    if not answer:
        raise Declined(frame.where(step), f"answered no: {question}")


async def run_announce(step: Announce, frame: Frame) -> None:
    """Pass words on."""
    text = step.text.fill(frame.scope)
    await frame.stage.asker.announce(text)
    frame.record("announce", step=f"{frame.prefix}{step.id}", text=text)
