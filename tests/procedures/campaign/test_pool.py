"""Processes that work on tasks, die, and are not missed."""

from __future__ import annotations

import pytest

from procedures.campaign import Lost, ProcessPool
from tests.procedures.campaign.plays import die_always, die_once, fail, out_of_search, square


@pytest.fixture
def pool():
    with ProcessPool(2) as pool:
        yield pool


def test_each_task_comes_back_with_its_result(pool):
    assert dict(pool.map(square, range(6))) == {number: number * number for number in range(6)}


def test_nothing_to_do_is_done_at_once(pool):
    assert list(pool.map(square, ())) == []


def test_a_worker_that_dies_costs_only_time(pool, tmp_path):
    tasks = [(number, str(tmp_path / "died")) for number in range(5)]

    results = dict(pool.map(die_once, tasks))

    assert (tmp_path / "died").exists()
    assert results == {task: task[0] for task in tasks}


def test_a_task_that_kills_every_worker_is_given_up_and_the_others_are_done(pool):
    results = dict(pool.map(die_always, range(5)))

    assert isinstance(results.pop(2), Lost)
    assert results == {0: 0, 1: 1, 3: 3, 4: 4}


def test_it_goes_on_with_the_same_processes_and_with_others_if_they_are_gone(pool, tmp_path):
    list(pool.map(square, [1]))
    list(pool.map(die_once, [(2, str(tmp_path / "died"))]))

    assert list(pool.map(square, [3])) == [(3, 9)]


def test_what_the_first_task_has_loaded_is_not_searched_for_garbage_any_more():
    with ProcessPool(1) as pool:
        assert list(pool.map(out_of_search, [1, 2, 3])) == [(1, False), (2, True), (3, True)]


def test_an_error_in_the_work_is_ours(pool):
    with pytest.raises(RuntimeError, match="number "):
        list(pool.map(fail, [0, 1]))
