"""How each kind of step is carried out: one function a kind, in one table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from procedures import model
from procedures.frame import Frame
from procedures.steps import components, control, images, people, queue

__all__ = ["EXECUTORS"]

EXECUTORS: Mapping[type[model.Step], Callable[[Any, Frame], Awaitable[None]]] = {
    model.Command: components.run_command,
    model.SummaryStateStep: components.run_summary_state,
    model.Wait: components.run_wait,
    model.Expect: components.run_expect,
    model.Confirm: people.run_confirm,
    model.Announce: people.run_announce,
    model.Call: queue.run_call,
    model.Block: queue.run_block,
    model.Parallel: control.run_parallel,
    model.ForEach: control.run_for_each,
    model.Repeat: control.run_repeat,
    model.When: control.run_when,
    model.Background: control.run_background,
    model.Join: control.run_join,
    model.Checkpoint: control.run_checkpoint,
    model.Log: control.run_log,
    model.Let: control.run_let,
    model.TakeImages: images.run_take_images,
    model.Ingested: images.run_ingested,
    model.Pipeline: images.run_pipeline,
}
