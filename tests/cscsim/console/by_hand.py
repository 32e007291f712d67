"""What an observer sends who does the steps of a procedure by hand, made from the procedure itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from cscsim.console.matching import value_of
from procedures import Library, model
from procedures.scope import ProcedureScope

ADD_BLOCK = "auxtel/scheduler/add_block.py"


@dataclass(frozen=True)
class Observer:
    """Somebody who knows the scripts of a library."""

    library: Library

    def requests(self, step: model.Step, scope: ProcedureScope) -> list[dict[str, Any]]:
        """Return what a page sends for a step; nothing where only waiting helps."""
        match step:
            case model.Announce():
                return [{"do": "announce", "step": step.id}]
            case model.Confirm():
                return [{"do": "confirm", "step": step.id, "answer": True}]
            case model.Call() if step.via is not None:
                return [self.add(step.via, str(value_of(step.procedure, scope)), value_of(step.config or {}, scope))]
            case model.Block():
                return [self.add(step.via, ADD_BLOCK, {"id": str(value_of(step.block, scope))})]
            case model.Command():
                fields = value_of(step.fields, scope)
                return [{"do": "command", "component": step.component, "command": step.command, "fields": fields}]
            case model.SummaryStateStep():
                of = value_of(step.of, scope)
                names = of if isinstance(of, list) else [of]
                return [{"do": "state", "of": str(name), "to": str(value_of(step.to, scope))} for name in names]
            case model.TakeImages():
                kind, times = str(value_of(step.image_type, scope)).upper(), value_of(step.exposure_times, scope)
                shots = times if isinstance(times, list) else [times or 0.0] * int(value_of(step.count, scope) or 1)
                return [self.take(str(value_of(step.camera, scope)), kind, time) for time in shots]
            case model.Wait() if step.until is None:
                return [{"do": "speed", "to": f"{self._longest(step, scope) + 1.0:g} s"}]
        return []

    def add(self, queue: str, path: str, config: dict[str, Any]) -> dict[str, Any]:
        """Return what puts a script on a queue."""
        given = {key: value for key, value in config.items() if value is not None}
        text = yaml.safe_dump(given, sort_keys=False) if given else ""
        standard = self.library.find(path).standard
        return {"do": "queue", "what": "add", "queue": queue, "path": path, "standard": standard, "config": text}

    def take(self, camera: str, kind: str, time: float) -> dict[str, Any]:
        """Return what takes an image."""
        fields: dict[str, Any] = {"numImages": 1, "expTime": time, "shutter": kind not in ("BIAS", "DARK")}
        fields["keyValueMap"] = f"imageType: {kind}, groupId: by_hand, testType: {kind}"
        return {"do": "command", "component": camera, "command": "takeImages", "fields": fields}

    def _longest(self, step: model.Wait, scope: ProcedureScope) -> float:
        return float(value_of(step.duration, scope) or value_of(step.timeout, scope) or 60.0)
