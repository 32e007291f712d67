"""Does a run again up to a time, so that it can go on in another way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from csc.disturbances import DISTURBANCES
from cscsim.console.desk import Desk
from fsm import Record
from procedures.branch import Branch
from procedures.moment import Moment
from procedures.scenario_injection import parse_injection
from procedures.training.again import act_again

__all__ = ["do_again"]


async def do_again(desk: Desk, records: Sequence[Record], until: float) -> None:
    """Do what people have done up to a time [s], instructors included.

    Parameters
    ----------
    records
        Of the other run's journal, in order.
    """
    wanted = [record for record in records if record["t"] <= until and record["kind"] != "end"]
    ends = [end for record in wanted if (end := _arm(desk, record)) is not None]
    try:
        await act_again(desk.session, wanted)
        if until > desk.clock.now:
            await desk.clock.sleep(until - desk.clock.now)
    finally:
        for end in ends:
            end()


def _arm(desk: Desk, record: Record) -> Callable[[], None] | None:
    """Let happen again, in its time, what no person's act brings about; return what calls it off."""
    moment = Moment(text=f"{record['t']!r} s", at=record["t"])
    if record["kind"] == "branch":
        branch = _branch(desk, record, moment)

        def happen() -> None:
            desk.faults.look()
            desk.calls_off.extend(branch.happen(desk.observatory))
            desk.faults.origin = "instructor"
            desk.faults.look()
            desk.faults.origin = "scenario"

        return moment.watch(desk.observatory, happen)
    if record["kind"] == "fault" and record["what"] == "cleared" and record["fault"] in DISTURBANCES:
        return moment.watch(desk.observatory, partial(_clear, desk, record["who"], record["fault"]))
    return None


def _branch(desk: Desk, record: Record, moment: Moment) -> Branch:
    site = desk.plan.site
    return Branch(
        moment=moment,
        scenario=site.scenario(record["scenario"]) if record["scenario"] is not None else None,
        faults=tuple(parse_injection(text, site.truth) for text in record["faults"]),
    )


def _clear(desk: Desk, who: str, fault: str) -> None:
    component = desk.observatory.components.get(who)
    for each in component.faults.active if component is not None else ():
        if each.plan.name == fault and component is not None:
            component.faults.clear(each)
            return
