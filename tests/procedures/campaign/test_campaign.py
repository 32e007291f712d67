"""A campaign: the same table whatever the order, wherever it was interrupted."""

from __future__ import annotations

import random
import sqlite3

import pytest

from fsm import AuthorError
from procedures.campaign import LOST, Campaign, Case, ProcessPool, Row, Store
from tests.procedures.campaign.plays import open_play, play

FAULTS = ("ATDome.encoder_slip", "ATWhiteLight.chiller_stops", "ATWhiteLight.bulb_dies@step warm", "ATDome.stall")
CASES = tuple(play(fault, seed=seed) for fault in FAULTS for seed in (1, 2))


class Here:
    """Works in this process, in any order, and may be cut off."""

    def __init__(self, shuffle: int | None = None, most: int | None = None) -> None:
        self.shuffle = shuffle
        self.most = most
        self.done: list[Case] = []

    def map(self, work, tasks):
        tasks = list(tasks)
        if self.shuffle is not None:
            random.Random(self.shuffle).shuffle(tasks)
        for task in tasks:
            if self.most is not None and len(self.done) == self.most:
                raise KeyboardInterrupt
            self.done.append(task.case)
            yield task, work(task)


class Losing(Here):
    """Gives up whatever has a fault."""

    def map(self, work, tasks):
        for task in tasks:
            yield task, work(task) if task.case.is_baseline else LOST


def table(path):
    with sqlite3.connect(path) as file:
        rows = file.execute("SELECT * FROM runs ORDER BY key").fetchall()
    file.close()
    return rows


def carry_out(path, executor, *, world="1", cases=CASES, told=lambda row: None):
    with Store(path, world) as store:
        return Campaign(store, executor, open_play, told=told).carry_out(cases)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("campaign") / "whole.sqlite"
    rows = carry_out(path, Here())
    return rows, table(path)


def test_there_is_a_row_for_each_case_and_for_what_it_is_held_against(whole):
    rows, kept = whole

    assert [row.case for row in rows] == list(CASES)
    assert len(kept) == len(CASES) + 2
    assert all(row.verdict is not None for row in rows)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_table_is_the_same_whatever_the_number_of_workers(tmp_path, whole, workers):
    with ProcessPool(workers) as pool:
        carry_out(tmp_path / "runs.sqlite", pool)

    assert table(tmp_path / "runs.sqlite") == whole[1]


def test_the_table_is_the_same_whatever_the_order(tmp_path, whole):
    rows = carry_out(tmp_path / "runs.sqlite", Here(shuffle=3))

    assert table(tmp_path / "runs.sqlite") == whole[1]
    assert rows == whole[0]


@pytest.mark.parametrize("most", [0, 1, 2, 5, 9])
def test_a_campaign_that_was_interrupted_goes_on_and_gives_the_same_table(tmp_path, whole, most):
    path = tmp_path / "runs.sqlite"
    first, second = Here(shuffle=1, most=most), Here(shuffle=2)
    with pytest.raises(KeyboardInterrupt):
        carry_out(path, first)

    carry_out(path, second)

    assert table(path) == whole[1]
    assert len(first.done) == most
    assert not set(first.done) & set(second.done)


def test_what_is_there_is_not_run_again_and_only_what_is_new_is_told(tmp_path):
    path = tmp_path / "runs.sqlite"
    told: list[Row] = []
    carry_out(path, Here(), cases=CASES[:2])

    carry_out(path, Here(), cases=CASES[:3], told=told.append)

    assert [row.case for row in told] == [CASES[2]]


def test_in_another_world_all_is_run_again(tmp_path):
    path, again = tmp_path / "runs.sqlite", Here()
    carry_out(path, Here(), cases=CASES[:1])

    with Store(path, "2") as store:
        assert store.stale(CASES) == 1
    carry_out(path, again, world="2", cases=CASES[:1])

    assert again.done == [CASES[0].baseline, CASES[0]]
    assert len(table(path)) == 2


def test_what_is_forgotten_is_run_again(tmp_path):
    path, again = tmp_path / "runs.sqlite", Here()
    carry_out(path, Here(), cases=CASES[:2])
    with Store(path, "1") as store:
        store.forget([CASES[1]])

    carry_out(path, again, cases=CASES[:2])

    assert again.done == [CASES[1]]


def test_a_task_that_was_given_up_has_crashed(tmp_path):
    (row,) = carry_out(tmp_path / "runs.sqlite", Losing(), cases=CASES[:1])

    assert row.classification == "crashed"
    assert row.verdict is not None
    assert row.verdict.because == "it has killed its worker three times"


def test_a_procedure_that_does_not_pass_without_a_fault_is_refused(tmp_path):
    never = "procedure: no\nkind: rehearsal\ntitle: No\nsteps:\n  - expect: ATDome is ENABLED\n"

    with pytest.raises(AuthorError, match=r"does not pass without a fault \(failed: "):
        carry_out(tmp_path / "runs.sqlite", Here(), cases=[Case(procedure=never, faults=("ATDome.stall",))])


@pytest.mark.parametrize("content", [b"no database at all, only some words " * 40, None])
def test_a_file_that_is_no_store_is_refused(tmp_path, content):
    path = tmp_path / "runs.sqlite"
    if content is None:
        with sqlite3.connect(path) as file:
            file.execute("CREATE TABLE runs (a TEXT)")
        file.close()
    else:
        path.write_bytes(content)

    with pytest.raises(AuthorError, match="cannot be used as the store of a campaign"):
        Store(path, "1")


def test_a_row_can_be_asked_for_in_sql(tmp_path):
    path = tmp_path / "runs.sqlite"
    carry_out(path, Here())

    with sqlite3.connect(path) as file:
        found = file.execute(
            "SELECT fault, count(*) FROM runs WHERE classification = 'detected' GROUP BY fault ORDER BY fault"
        ).fetchall()
    file.close()

    assert ("ATWhiteLight.bulb_dies", 2) in found
