"""Who watches a run of a campaign: keeps the few records that matter, counts, and ends what never ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from csc import Observatory
from fsm import Record, load_document
from procedures.campaign.run import Run
from procedures.coverage import Collector
from procedures.rehearsal import Rehearsal

__all__ = ["Limits", "Witness"]

HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a run may not exceed; beyond it, it is stuck.

    Attributes
    ----------
    seconds
        Simulated time [s].
    records
        Of the journal.
    """

    seconds: float = 30 * 24 * HOUR
    records: int = 5_000_000

    @classmethod
    def beside(cls, usual: Run) -> Limits:
        """Return ten times what a run usually takes, and room for the longest waits of a short one."""
        return cls(seconds=10 * usual.seconds + 6 * HOUR, records=10 * usual.records + 100_000)


class _Product(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    event: str
    good: Mapping[str, Any] = Field(default_factory=dict, alias="with")


@cache
def _products() -> Mapping[str, _Product]:
    text = files("procedures.campaign").joinpath("products.yaml").read_text(encoding="utf-8")
    data = load_document(text, name="products.yaml").data
    return {each.event: each for each in TypeAdapter(tuple[_Product, ...]).validate_python(data)}


@dataclass(slots=True)
class _Stop:
    """Calls a run off at a time, without a timer: what ends by itself is not touched."""

    t: float
    end: Callable[[], object]

    def before(self, due: float) -> float | None:
        """Return its time [s] if it lies before `due` [s]."""
        return self.t if self.t < due else None

    def act(self) -> None:
        """Call the run off."""
        self.end()


@dataclass(slots=True)
class Witness:
    """Watches one run.

    Parameters
    ----------
    limits
        Beyond which it is called off.

    Attributes
    ----------
    stuck
        Why it was called off; empty if it was not.
    notable
        The records that matter; those of a script name it.
    products
        How many came of each.
    own
        States into which a fault itself has put machines when it happened.
    moved
        The machines that have changed their state.
    collector
        Counts what comes about, for coverage.
    """

    limits: Limits
    stuck: str = ""
    notable: list[Record] = field(default_factory=list)
    products: Counter[str] = field(default_factory=Counter)
    own: dict[str, str] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)
    collector: Collector = field(default_factory=Collector)
    _said: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    _scripts: dict[str, str] = field(default_factory=dict)
    _observatory: Observatory | None = None
    _struck: tuple[float, str] | None = None

    def begin(self, rehearsal: Rehearsal, observatory: Observatory) -> None:
        """Set the limit on simulated time, and begin to count."""
        self._observatory = observatory
        hours = self.limits.seconds / HOUR
        stop = _Stop(self.limits.seconds, lambda: self._call_off(f"it has not ended after {hours:.1f} h"))
        observatory.clock.loop.stops.append(stop)
        self.collector.begin(rehearsal, observatory)

    def see(self, record: Record) -> None:
        """Keep a record if it tells of a fault or of what was noticed; count all."""
        kind = record["kind"]
        if kind != "event" or record["topic"] == "errorCode":
            self.collector.see(record)
        match kind:
            case "event":
                self._count(record)
            case "transition":
                machine = f"{record['who']}.{record['machine']}"
                self.moved.add(machine)
                if self._struck == (record["t"], record["who"]):
                    self.own[machine] = record["state"]
            case "fault":
                self.notable.append(record)
                if record["what"] == "injected":
                    self._struck = (record["t"], record["who"])
            case "condition" if record["truth"] is not True:
                self._note(record)
            case "step" if record["what"] == "failed":
                self._note(record)
            case "log" if record["level"] in ("warning", "error"):
                self._note(record)
            case "end":
                self._note(record)
        if record["n"] == self.limits.records:
            self._call_off(f"it has not ended after {self.limits.records} records")

    def _note(self, record: Record) -> None:
        script = self._scripts.get(record["who"])
        self.notable.append(record if script is None else {**record, "script": script})

    def _count(self, record: Record) -> None:
        """Count what comes as a product; a record says only what has changed since the last of its topic."""
        if record["topic"] == "description" and "classname" in record["data"]:
            self._scripts[record["who"]] = record["data"]["classname"]
        product = _products().get(record["topic"])
        if product is None:
            return
        said = self._said.setdefault((record["who"], record["topic"]), {})
        said |= record["data"]
        if all(said.get(key) == value for key, value in product.good.items()):
            self.products[f"{record['who']}: {product.name}"] += 1

    def _call_off(self, why: str) -> None:
        main = self._observatory.clock.loop.main if self._observatory is not None else None
        if main is not None and not self.stuck:
            self.stuck = why
            main.cancel()

    def deadlock(self) -> str:
        """Say why simulated time could not go on; empty if it could."""
        error = self._observatory.clock.loop.deadlock if self._observatory is not None else None
        return str(error) if error is not None else ""
