"""How a service ends, and what the last record of its journal says of it."""

from __future__ import annotations

import pytest

from cscsim.ending import Ending


@pytest.mark.parametrize(
    ("acts", "without_broker", "told"),
    [
        ((), False, "it failed"),
        ((), True, "the broker was lost"),
        (("lose_broker",), True, "the broker was lost"),
        (("wish",), False, None),
        (("wish",), True, "the broker was away when this was ended"),
        (("wish", "lose_broker"), True, "the broker was away when this was ended"),
    ],
)
def test_the_journal_says_how_it_has_ended(acts, without_broker, told):
    ending = Ending()

    for act in acts:
        getattr(ending, act)()

    end = {"outcome": "passed"} if told is None else {"outcome": "aborted", "because": told}
    assert ending.told(without_broker=without_broker) == end
    assert bool(ending.cut_short) == ("wish" in acts and without_broker)
    assert ending.is_due.is_set() == bool(acts)


def test_those_concerned_are_told_why():
    ending = Ending()
    heard: list[str] = []
    ending.on_wish, ending.on_loss = heard.append, heard.append

    ending.wish()
    ending.lose_broker()

    assert heard == ["the broker was away when this was ended", "the broker was lost"]
