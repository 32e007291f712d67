"""What a page is sent next."""

from __future__ import annotations

import orjson
import pytest

from cscsim.console.hub import History, Inbox, Pieces
from cscsim.console.lookout import Look
from cscsim.console.page import Page, Subscription
from cscsim.console.roles import Role

DOME, MOUNT = "ATDome.position", "ATMCS.mount_AzEl_Encoders"


class Server:
    """What all pages are sent from."""

    def __init__(self) -> None:
        self.history, self.pieces, self.inbox = History(), Pieces(), Inbox(lambda: None)
        self._t = 0.0
        self.look()

    def look(self, **seen) -> None:
        self._t += 1.0
        self.pieces.take(Look(head={"t": self._t, "speed": 1.0}, **seen))

    def record(self, kind: str, **fields) -> None:
        self.inbox.hear({"n": self.history.count + 1, "t": self._t, "who": "ATDome", "kind": kind, **fields})
        self.history.add(self.inbox.take())

    def page(self, *topics: str, role: Role = Role.TRAINEE) -> Page:
        """Return a page that has had its hello and all samples until now."""
        page = Page(role=role, name="", wake=lambda: None)
        page.hello(1, {}, self.history, self.pieces)
        page.subscribe(Subscription(topics=frozenset(topics), every=0.0))
        self.batch(page)
        return page

    def batch(self, page: Page) -> dict | None:
        text = page.batch(self.history, self.pieces)
        return None if text is None else orjson.loads(text)


def position(**fields) -> dict:
    return {"t": 0.0, "data": fields}


@pytest.fixture
def server():
    return Server()


def test_pages_that_are_to_hear_the_same_are_sent_the_same_object(server):
    pages = [server.page(DOME) for _ in range(3)]
    server.look(telemetry={DOME: position(azimuthPosition=1.0)}, asks=[])
    server.record("state", machine="door")

    one, *others = [page.batch(server.history, server.pieces) for page in pages]

    assert one is not None
    assert all(other is one for other in others)


def test_of_pages_that_are_not_alike_each_hears_its_own(server):
    both, dome, instructor = server.page(DOME, MOUNT), server.page(DOME), server.page(role=Role.INSTRUCTOR)
    server.look(telemetry={DOME: position(azimuthPosition=1.0), MOUNT: position(azimuth=2.0)}, truth={"ATDome": {}})
    server.record("fault", fault="stuck")

    told = server.batch(dome)
    assert told["telemetry"].keys() == {DOME}
    assert "records" not in told
    assert server.batch(both)["telemetry"].keys() == {DOME, MOUNT}
    assert [record["kind"] for record in server.batch(instructor)["records"]] == ["fault"]


def test_a_page_that_was_not_sent_the_one_before_is_sent_what_it_lacks(server):
    prompt, late = server.page(DOME), server.page(DOME)
    server.look(telemetry={DOME: position(azimuthPosition=1.0, dropoutDoorOpeningPercentage=5.0)})
    server.record("ack", ack="one")
    server.batch(prompt)
    server.look(telemetry={DOME: position(azimuthPosition=2.0, dropoutDoorOpeningPercentage=5.0)})
    server.record("ack", ack="two")

    one, other = server.batch(prompt), server.batch(late)

    assert one["telemetry"][DOME]["data"] == {"azimuthPosition": 2.0}
    assert other["telemetry"][DOME]["data"] == {"azimuthPosition": 2.0, "dropoutDoorOpeningPercentage": 5.0}
    assert [record["ack"] for record in one["records"]] == ["two"]
    assert [record["ack"] for record in other["records"]] == ["one", "two"]


def test_a_topic_that_is_wanted_anew_comes_whole_and_the_others_as_they_were(server):
    page = server.page(DOME)
    server.look(telemetry={name: position(here=1.0, there=1.0) for name in (DOME, MOUNT)})
    server.batch(page)
    server.look(telemetry={name: position(here=2.0, there=1.0) for name in (DOME, MOUNT)})
    page.subscribe(Subscription(topics=frozenset({DOME, MOUNT}), every=0.0))

    told = server.batch(page)["telemetry"]

    assert told[DOME]["data"] == {"here": 2.0}
    assert told[MOUNT]["data"] == {"here": 2.0, "there": 1.0}


def test_samples_come_in_a_pages_own_time_and_nothing_is_lost_meanwhile(server):
    page = server.page()
    page.subscribe(Subscription(topics=frozenset({DOME}), every=3600.0))
    server.look(telemetry={DOME: position(here=1.0, there=1.0)})
    assert server.batch(page)["telemetry"][DOME]["data"] == {"here": 1.0, "there": 1.0}
    server.look(telemetry={DOME: position(here=2.0, there=1.0)})
    assert server.batch(page) is None

    page.subscribe(Subscription(topics=frozenset({DOME}), every=0.0))
    server.look(telemetry={DOME: position(here=2.0, there=3.0)})

    assert server.batch(page)["telemetry"][DOME]["data"] == {"here": 2.0, "there": 3.0}


def test_acknowledgements_are_of_the_page_that_has_asked(server):
    asking, other = server.page(), server.page()
    server.look(asks=[])
    asking.acknowledge(7, {"id": 7, "ack": "COMPLETE"})

    assert server.batch(asking)["acks"] == [{"id": 7, "ack": "COMPLETE"}]
    assert "acks" not in server.batch(other)
    assert server.batch(asking) is None


def test_nothing_new_is_no_batch_until_it_would_be_missed(server, monkeypatch):
    page = server.page()
    server.look()
    assert server.batch(page) is None

    now = page._sent + 1.1
    monkeypatch.setattr("cscsim.console.page.time.monotonic", lambda: now)

    assert server.batch(page) == {"kind": "batch", "n": 0, "t": 2.0, "speed": 1.0}


def test_a_head_that_is_otherwise_is_news(server):
    page = server.page()
    server.pieces.set_head({**server.pieces.head, "paused": True})

    assert server.batch(page)["paused"] is True
    assert server.batch(page) is None
