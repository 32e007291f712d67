"""A trainee who takes the wrong way first: writes the journal of a session to ``session.jsonl``."""

from __future__ import annotations

from pathlib import Path

from cscsim.locate import open_site
from fsm import Clock, Journal, simulate
from procedures.training import Session, open_session

TAKE_FLAT = "{image_type: FLAT, exp_times: 6, filter: SDSSr_65mm, grating: empty_1}"


async def run(session: Session, path: str, config: str = "") -> None:
    """Put a script on the queue, and wait until the queue has nothing to do."""
    clock, queue = session.observatory.clock, session.remote("ScriptQueue:2")
    standard = session.stage.library.find(path).standard
    await queue.command("add", isStandard=standard, path=path, config=config, location=2)
    await clock.sleep(15.0)
    shown = queue.event("queue")
    while shown.get().currentSalIndex or shown.get().length:
        await clock.sleep(15.0)


async def act(session: Session) -> None:
    await run(session, "auxtel/scheduler/add_block.py", "id: BLOCK-309")
    await run(session, "auxtel/take_image_latiss.py", TAKE_FLAT)
    session.report("ATWhiteLight.bulb_dies", "the flat is faint")
    session.hint()
    session.by_hand("ATWhiteLight", "bulb_replaced")
    await session.observatory.clock.sleep(600.0)
    session.report("ATDome", "it may stand elsewhere than it says")
    await run(session, "auxtel/atdome/home_dome.py")
    await run(session, "auxtel/prepare_for/flat.py")
    await run(session, "auxtel/take_image_latiss.py", TAKE_FLAT)
    await run(session, "auxtel/scheduler/add_block.py", "id: BLOCK-310")


async def main(clock: Clock) -> None:
    site = open_site()
    journal = Journal(lambda: clock.now, path=Path("session.jsonl"))
    async with open_session(
        site.training("faint_flats"),
        clock,
        journal,
        sheet=site.sheet,
        library=site.library,
        blocks=site.blocks,
        seed=1,
    ) as session:
        await act(session)


if __name__ == "__main__":
    simulate(main, tai_start=open_site().sheet.tai_start)
