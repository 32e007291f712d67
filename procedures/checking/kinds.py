"""What each kind of step does while a procedure is thought through, in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from procedures import model
from procedures.checking.body import Body, Nothing
from procedures.checking.branching import Again, Aside, Each, EitherWay, Joined, Keep, Side
from procedures.checking.calling import Other, RunBlock, begin_block
from procedures.checking.commanding import Reduce, SendCommand, SummaryStates
from procedures.checking.images import Archived, Expose
from procedures.checking.waiting import ExpectNow, WaitFor
from procedures.model import Step

__all__ = ["BODIES", "CONSEQUENCES"]

BODIES: Mapping[type[Step], type[Body]] = {
    model.Announce: Nothing,
    model.Background: Aside,
    model.Block: RunBlock,
    model.Call: Other,
    model.Checkpoint: Nothing,
    model.Command: SendCommand,
    model.Confirm: Nothing,
    model.Expect: ExpectNow,
    model.ForEach: Each,
    model.Ingested: Archived,
    model.Join: Joined,
    model.Let: Keep,
    model.Log: Nothing,
    model.Parallel: Side,
    model.Pipeline: Reduce,
    model.Repeat: Again,
    model.SummaryStateStep: SummaryStates,
    model.TakeImages: Expose,
    model.Wait: WaitFor,
    model.When: EitherWay,
}

CONSEQUENCES: Mapping[tuple[str, str], Callable[..., None]] = {("Scheduler", "addBlock"): begin_block}
"""What else comes of a command that a component accepts."""
