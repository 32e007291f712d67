"""A cluster of dask.distributed: real processes on loopback, some of which die."""

from __future__ import annotations

import itertools
import sqlite3
import time

import pytest

from fsm import AuthorError, CscsimError
from procedures.campaign import LOST, Campaign, DaskCluster, ProcessPool, Store
from procedures.campaign.origin import Origin, origin_of
from procedures.campaign.scheduler import read_address
from tests.procedures.campaign.dask_here import dask_here, kill
from tests.procedures.campaign.plays import die_always, fail, open_play, play, slow_square, square
from tests.procedures.campaign.whatever_code import MARK

CASES = tuple(
    play(f"{fault}@step {step}")
    for fault in ("ATDome.encoder_slip", "ATWhiteLight.bulb_dies", "ATDome.stall")
    for step in ("dome", "lamp", "warm", "turn")
)


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    with dask_here(tmp_path_factory.mktemp("dask"), workers=2) as here:
        yield here


@pytest.fixture(autouse=True)
def _whatever_code(monkeypatch):
    monkeypatch.setattr("procedures.campaign.origin._code", lambda: MARK)


def cluster(here, files=()):
    return DaskCluster(here.address, files, wait=40.0)


def wait_for_workers(cluster, count):
    cluster._begun.wait_for_workers(count, timeout=40.0)


def table(path):
    with sqlite3.connect(path) as file:
        rows = file.execute("SELECT * FROM runs ORDER BY key").fetchall()
    file.close()
    return rows


def carry_out(path, executor, told=lambda row: None):
    with Store(path, "1") as store:
        return Campaign(store, executor, open_play, told=told).carry_out(CASES)


def test_each_task_comes_back_with_its_result(here):
    with cluster(here) as workers:
        assert dict(workers.map(square, range(20))) == {number: number * number for number in range(20)}
        assert list(workers.map(square, ())) == []


def test_a_worker_that_is_killed_costs_only_time_and_the_table_is_that_of_the_process_pool(here, tmp_path):
    with ProcessPool(1) as pool:
        rows = carry_out(tmp_path / "pool.sqlite", pool)
    victim = here.add_worker(whatever_code=True)
    done = itertools.count()

    def kill_one(row):
        if next(done) == 3:
            kill(victim)

    with cluster(here) as workers:
        wait_for_workers(workers, 3)
        on_dask = carry_out(tmp_path / "dask.sqlite", workers, kill_one)

    assert victim.poll() is not None
    assert on_dask == rows
    assert table(tmp_path / "dask.sqlite") == table(tmp_path / "pool.sqlite")


def test_few_tasks_are_under_way_however_many_there_are(here):
    with cluster(here) as workers:
        wait_for_workers(workers, 2)
        results = workers.map(slow_square, range(10_000))
        next(results)
        known = workers._begun.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))
        results.close()

    assert 0 < known <= 2 * 2 + 2


def test_an_error_in_the_work_is_ours(here):
    with cluster(here) as workers, pytest.raises(RuntimeError, match="number "):
        list(workers.map(fail, [0, 1]))


def test_what_is_under_way_is_called_off_at_an_interrupt(here):
    with cluster(here) as workers:
        results = workers.map(slow_square, range(50))
        next(results)
        began = time.monotonic()
        results.close()
        after = dict(workers.map(square, [3]))

    assert after == {3: 9}
    assert time.monotonic() - began < 5.0


def test_a_task_that_kills_every_worker_is_given_up_and_the_others_are_done(tmp_path):
    with dask_here(tmp_path, workers=3, allowed_failures=0) as here, cluster(here) as workers:
        wait_for_workers(workers, 3)

        results = dict(workers.map(die_always, range(5)))

    assert results == {0: 0, 1: 1, 2: LOST, 3: 3, 4: 4}


class Deaths:
    """In place of what is under way: all die that are there together with a killer."""

    def __init__(self, killers):
        self.killers = killers
        self.under_way: dict[int, int] = {}
        self.sent = []
        self.dead: set[int] = set()

    def send(self, task):
        self.under_way[task] = task
        self.sent.append(tuple(self.under_way))

    def receive(self, _):
        if self.killers & set(self.under_way):
            self.dead |= set(self.under_way)
        task = next(iter(self.under_way))
        del self.under_way[task]
        lost = task in self.dead
        self.dead.discard(task)
        return task, LOST if lost else task * task

    def cancel(self):
        self.under_way.clear()


@pytest.mark.parametrize("killers", [set(), {0}, {2}, {6}, {1, 2}, {0, 5}])
def test_who_dies_together_with_a_killer_is_worked_on_alone_and_not_given_up(monkeypatch, killers):
    deaths = Deaths(killers)
    monkeypatch.setattr("procedures.campaign.cluster._Session", lambda *_: deaths)
    monkeypatch.setattr(DaskCluster, "_begun", None)
    monkeypatch.setattr(DaskCluster, "_present", lambda _: 2)

    results = dict(DaskCluster("tcp://127.0.0.1:1").map(square, range(7)))

    assert results == {number: LOST if number in killers else number * number for number in range(7)}
    assert all(sum(killer in sent for sent in deaths.sent if len(sent) == 1) for killer in killers)


def test_without_workers_it_says_so(tmp_path):
    with dask_here(tmp_path, workers=0) as here:
        with pytest.raises(AuthorError, match=r"has no workers after 0.2 s; start some: dask worker tcp://127"):
            DaskCluster(here.address, wait=0.2).__enter__()

        here.add_worker(whatever_code=True)
        with DaskCluster(f"scheduler-file:{here.file}", wait=40.0) as workers:
            workers._wait = 0.5
            kill(here.workers[0])
            with pytest.raises(CscsimError, match="all workers at tcp://127.0.0.1:.* are gone"):
                list(workers.map(square, [1]))
            workers._connect = 0.5
            kill(here.scheduler)
            with pytest.raises(CscsimError, match="the scheduler .*is gone"):
                list(workers.map(square, [1]))


def test_where_there_is_no_scheduler_it_says_how_to_start_one():
    with pytest.raises(AuthorError, match=r"no scheduler answers at tcp://127.0.0.1:9 within 0.2 s.*`dask scheduler`"):
        DaskCluster("tcp://127.0.0.1:9", connect=0.2).__enter__()


def test_a_worker_that_has_not_the_file_or_another_one_is_refused(here, tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text("procedure: mine\n")
    with cluster(here, [str(mine)]) as workers:
        assert dict(workers.map(square, [2])) == {2: 4}

        mine.write_text("procedure: other\n")
        with pytest.raises(AuthorError, match=r"mine.yaml is another file than the one here"):
            list(workers.map(square, [2]))
    with pytest.raises(AuthorError, match=r"cannot read \./here_only.yaml: put the file where every worker has it"):
        cluster(here, ["./here_only.yaml"]).__enter__()


@pytest.mark.parametrize(
    ("there", "message"),
    [
        ({"python": "3.9"}, "it has Python 3.9, here is "),
        ({"numpy": "1.0"}, "it has numpy 1.0, here is "),
        ({"cscsim": "9.9"}, "it has cscsim 9.9, here is "),
        ({"code": "0123456789abcdef"}, "its code, data sheets or library are others (0123456789ab, here "),
    ],
)
def test_a_worker_that_computes_with_something_else_is_told_apart(there, message):
    here = origin_of()
    other = Origin(**{name: getattr(here, name) for name in Origin.__slots__} | there)

    assert [each.startswith(message) for each in other.differences(here)] == [True]
    assert list(here.differences(here)) == []


def test_a_worker_with_another_code_is_refused_before_anything_is_run(here, monkeypatch):
    monkeypatch.setattr("procedures.campaign.origin._code", lambda: "another")

    with pytest.raises(AuthorError, match=r"worker tcp://127.0.0.1:\d+: its code, data sheets or library are others"):
        cluster(here).__enter__()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("127.0.0.1:8786", "is no address of a scheduler; write tcp://HOST:PORT, tls://HOST:PORT or scheduler-file"),
        ("scheduler-file:no.json", "no.json: cannot be read: No such file or directory; a scheduler writes it"),
    ],
)
def test_an_address_that_is_none_is_refused(address, message):
    with pytest.raises(AuthorError, match=message):
        read_address(address)


def test_a_file_that_no_scheduler_wrote_is_refused(tmp_path):
    (tmp_path / "s.json").write_text("[]")

    with pytest.raises(AuthorError, match="is no file of a scheduler"):
        read_address(f"scheduler-file:{tmp_path / 's.json'}")
