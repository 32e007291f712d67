"""The script queue from a page."""

from __future__ import annotations

from cscsim.console import queues

SCRIPT = "auxtel/enable_atcs.py"


def queue_when(page, wanted):
    """Return the queue once it is as wanted; what came with the last answer counts."""
    told = [message["queues"]["ScriptQueue:2"] for message in page.seen if "ScriptQueue:2" in message.get("queues", {})]
    queue = told[-1]
    while not wanted(queue):
        queue = page.receive().get("queues", {}).get("ScriptQueue:2", queue)
    return queue


def waiting(*indices):
    return lambda queue: [each["index"] for each in queue["waiting"]] == list(indices)


def test_a_script_is_added_runs_and_is_finished_with_its_config(free):
    with free.trainee() as page:
        assert SCRIPT in page.hello["queues"]["ScriptQueue:2"]["available"]["standard"]
        page.ask("queue", what="add", path=SCRIPT, config="")
        script = queue_when(page, lambda queue: queue["past"])["past"][0]

        assert (script["path"], script["state"]) == (SCRIPT, "DONE")
        assert script["ended"] >= script["started"]
        states = page.ask("look", component="ATDome")["topics"]["summaryState"]["data"]["summaryState"]
        assert states == 2


def test_scripts_are_moved_stopped_and_queued_again(free):
    with free.trainee() as page:
        page.ask("queue", what="pause")
        for _ in range(2):
            page.ask("queue", what="add", path=SCRIPT, config="")
        queue = queue_when(page, lambda queue: len(queue["waiting"]) == 2)
        first, second = (script["index"] for script in queue["waiting"])
        page.ask("queue", what="move", index=second, position="first")
        queue_when(page, waiting(second, first))
        page.ask("queue", what="stop", indices=[second])
        queue_when(page, waiting(first))
        page.ask("queue", what="requeue", index=second, position="first")
        queue = queue_when(page, lambda queue: len(queue["waiting"]) == 2)

    assert queue["waiting"][1]["index"] == first
    assert queue["waiting"][0]["path"] == SCRIPT


def test_a_config_is_judged_while_it_is_typed(free):
    with free.trainee() as page:
        path = "auxtel/enable_latiss.py"
        page_of = page.ask("schema", path=path)
        broken = page.ask("validate", path=path, config="a: [1\nb: 2")
        unknown = page.ask("validate", path=path, config="\nnonsense: 3\n")
        refused = page.refused("queue", what="add", path=path, config="a: [1")

    assert page_of["schema"]
    assert not broken["valid"]
    assert broken["errors"][0]["line"] is not None
    assert broken["errors"][0]["column"] is not None
    assert [error["line"] for error in unknown["errors"] if "nonsense" in error["message"]] == [2]
    assert refused.startswith(f"CONFIG of {path}: line")


def test_what_a_queue_cannot_do_is_refused_before_it_is_sent(free):
    with free.trainee() as page:
        assert "did you mean add?" in page.refused("queue", what="ad")
        assert "not a regular expression" in page.refused("queue", what="add", path=SCRIPT, pause="(")
        assert "No script" in page.refused("queue", what="add", path="auxtel/no_such.py")
        assert "one of first, last" in page.refused("queue", what="add", path=SCRIPT, position="middle")
        assert "whole numbers" in page.refused("queue", what="stop", indices=["1"])
        assert "is not there" in page.refused("queue", what="resume_script", index=200009)


def test_of_very_many_scripts_the_oldest_that_have_ended_are_forgotten(free, monkeypatch):
    monkeypatch.setattr(queues, "_REMEMBERED", 2)
    with free.trainee() as page:
        page.ask("speed", to="max")
        for number in range(1, 5):
            page.ask("queue", what="add", path=SCRIPT, config="")
            queue_when(page, lambda queue, number=number: len(queue["past"]) == number)

        views = free.room.run.desk.queues
        kept = views._scripts["ScriptQueue:2"].keys()
        assert list(kept) == [script["index"] for script in queue_when(page, lambda _: True)["past"][1::-1]]
        assert views._requests["ScriptQueue:2"].keys() == kept
        assert views._logs.keys() <= kept
        assert len(views._added) == 2
