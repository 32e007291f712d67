"""Every step of every rehearsal is recognised as done when somebody does it by hand, and none of them before."""

from __future__ import annotations

from functools import partial

import pytest

from tests.cscsim.console.by_hand import by_hand
from tests.cscsim.console.talking import plan_of

REHEARSALS = [
    "comcam",
    "daily",
    "daily-guarded",
    "daytime_checkout",
    "latiss_combined_calibrations",
    "misalignment",
    "misalignment-guarded",
    "prepare_for_flat_fields",
    "prepare_for_onsky",
    "prepare_for_vent",
    "shutdown",
    "weekly",
    "weekly-guarded",
]
ENDED = ("done", "not needed")


async def do_all(hand):
    """Do step after step as the guide leads; return the steps in the order in which they were done, and the end."""
    led = []
    while (told := hand.live())["current"] is not None:
        identity = told["current"]
        assert told["steps"][identity]["status"] == "current", (identity, told["steps"][identity])
        led.append(identity)
        await hand.do(identity)
        await hand.until_it_stands(partial(_is_over, identity))
    return led, told


def _is_over(identity, told):
    """Tell whether the guide leads on: to another step, or to the same one in another round."""
    status = told["steps"][identity]["status"]
    return status != "doing" and (told["current"] != identity or status in ENDED)


@pytest.mark.parametrize("name", REHEARSALS)
def test_a_rehearsal_that_is_done_by_hand_is_seen_to_be_done(name):
    led, told = by_hand(plan_of(name), do_all)

    assert {key for key, step in told["steps"].items() if step["status"] not in ENDED} == set()
    assert len(set(led)) == len(led) or name == "prepare_for_vent"
    assert [each for each in told["postconditions"] if each["truth"] is not True] == []


def test_the_other_branch_is_followed_where_it_is_taken():
    led, told = by_hand(plan_of("misalignment", scenario="encoder_slip"), do_all)

    assert {"report", "home", "setup_again", "flat_again/flat"} <= set(led)
    assert told["steps"]["still_misaligned"]["status"] == "done"
    assert told["steps"]["turn"]["status"] == "not needed"


def test_images_are_seen_whoever_takes_them():
    async def work(hand):
        await hand.ask("state", of="LATISS", to="ENABLED")
        return await do_all(hand)

    led, told = by_hand(plan_of("auxtel/daytime_checkout/latiss_checkout.py"), work)

    assert {"bias/take", "engtest/take"} <= set(led)
    assert {step["status"] for step in told["steps"].values()} <= set(ENDED)


def test_a_step_in_work_is_the_current_one():
    async def work(hand):
        await reach(hand, "enable_atcs")
        await hand.do("enable_atcs")
        return hand.live()

    told = by_hand(plan_of("weekly"), work)

    assert (told["current"], told["steps"]["enable_atcs"]["status"]) == ("enable_atcs", "doing")
    assert told["doing"] is None  # nobody does it for the observer


def test_what_a_script_leaves_behind_may_be_brought_about_by_hand():
    async def work(hand):
        await reach(hand, "enable_atcs")
        await hand.ask("state", of="ATCS", to="ENABLED")
        return hand.live()

    told = by_hand(plan_of("weekly"), work)

    assert told["steps"]["enable_atcs"]["status"] == "done"
    assert told["current"] == "enable_latiss"


def test_what_was_so_before_is_no_step_done():
    async def work(hand):
        await reach(hand, "pneumatics")
        await hand.desk.clock.sleep(60.0)
        return hand.live()

    assert by_hand(plan_of("daytime_checkout"), work)["current"] == "pneumatics"


def test_a_check_that_was_passed_over_stays_open_and_the_guide_leads_on():
    async def work(hand):
        await hand.do("enable_atcs")
        return await hand.until_it_stands(lambda told: told["steps"]["enable_atcs"]["status"] == "done")

    told = by_hand(plan_of("weekly"), work)

    assert told["steps"]["clear"]["status"] == "open"
    assert told["steps"]["begin"]["status"] == "done"
    assert told["current"] == "enable_latiss"


def test_a_script_that_has_failed_may_be_added_again():
    async def work(hand):
        await reach(hand, "enable_latiss")
        await hand.ask("queue", **wrong_configuration(hand))
        failed = await hand.until_it_stands(lambda told: told["steps"]["enable_latiss"]["status"] == "failed")
        await hand.ask("queue", what="resume")
        await hand.do("enable_latiss")
        return failed, await hand.until_it_stands(lambda told: told["steps"]["enable_latiss"]["status"] == "done")

    failed, told = by_hand(plan_of("weekly"), work)

    assert failed["current"] == "enable_latiss"
    assert failed["steps"]["enable_latiss"]["because"]
    assert told["current"] == "enable_scheduler"


def wrong_configuration(hand):
    added = hand.observer.add("ScriptQueue:2", "auxtel/enable_latiss.py", {"atspectrograph": "there_is_none.yaml"})
    return {key: value for key, value in added.items() if key != "do"}


def test_a_block_may_be_done_script_by_script():
    async def work(hand):
        await reach(hand, "setup")
        block = hand.desk.plan.site.blocks.get("BLOCK-309")
        for number, script in enumerate(block.scripts):
            added = hand.observer.add("ScriptQueue:2", script.name, dict(script.parameters))
            await hand.ask(**added)
            if number == 0:
                begun = hand.live()
        return begun, await hand.until_it_stands(lambda told: told["steps"]["setup"]["status"] != "doing")

    begun, told = by_hand(plan_of("weekly"), work)

    assert begun["steps"]["setup"]["because"].startswith("not added yet: ")
    assert told["steps"]["setup"]["status"] == "done"


async def reach(hand, identity):
    """Do what comes before a step."""
    while (told := hand.live())["current"] != identity:
        await hand.do(told["current"])
        await hand.until_it_stands(partial(_is_over, told["current"]))
