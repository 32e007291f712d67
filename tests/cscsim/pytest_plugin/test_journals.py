"""The journal of a test that fails is kept, that of one that passes is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from cscsim.pytest_plugin.journals import file_name
from fsm import read_journal
from tests.cscsim.pytest_plugin.runs import run_tests

pytest_plugins = ["pytester"]

FAILS = """
@pytest.mark.observatory(seed=2)
@pytest.mark.parametrize("which", ["good", "bad"])
async def test_it(observatory, which):
    await observatory.enable("ATDome")
    assert which == "good"
"""


def kept(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.jsonl"))


def test_the_journal_of_a_failed_test_is_kept(pytester):
    run_tests(pytester, FAILS)
    records = list(read_journal(pytester.path / ".cscsim/journals/test_it.test_it-bad.jsonl"))

    assert kept(pytester.path) == [".cscsim/journals/test_it.test_it-bad.jsonl"]
    assert (records[0]["kind"], records[0]["observatory"], records[0]["seed"]) == ("run", "auxtel", 2)
    assert (records[-1]["kind"], records[-1]["outcome"]) == ("end", "failed")


def test_nothing_is_left_of_tests_that_pass(pytester):
    run_tests(pytester, FAILS, "-k", "good")

    assert not (pytester.path / ".cscsim").exists()
    assert list(pytester.path.rglob("*.jsonl")) == []


def test_the_journal_of_an_earlier_failure_goes_when_the_test_passes(pytester):
    run_tests(pytester, FAILS)
    run_tests(pytester, FAILS.replace('== "good"', '!= ""'))

    assert kept(pytester.path) == []


def test_version_control_is_told_to_leave_them_out(pytester):
    run_tests(pytester, FAILS)

    assert (pytester.path / ".cscsim/.gitignore").read_text(encoding="utf-8") == "*\n"


def test_an_option_and_a_setting_say_where_they_are_kept(pytester):
    run_tests(pytester, FAILS, "--cscsim-journals", "typed/here")
    pytester.makeini("[pytest]\ncscsim_journals = written/there\n")
    set_run = run_tests(pytester, FAILS)

    assert kept(pytester.path) == ["typed/here/test_it.test_it-bad.jsonl", "written/there/test_it.test_it-bad.jsonl"]
    assert not (pytester.path / "typed/.gitignore").exists()
    assert "journal      written/there/test_it.test_it-bad.jsonl" in set_run.text


def test_a_failure_while_cleaning_up_keeps_it_too(pytester):
    run = run_tests(
        pytester,
        """
        @pytest.fixture
        async def dome(observatory):
            yield
            observatory.check("ATDome is ENABLED")

        def test_it(dome):
            pass
        """,
    )

    assert run.outcomes == {"passed": 1, "errors": 1}
    assert kept(pytester.path) == [".cscsim/journals/test_it.test_it.jsonl"]
    assert "journal      .cscsim/journals/test_it.test_it.jsonl" in run.text


def test_a_failure_of_a_fixture_keeps_it_too(pytester):
    run_tests(
        pytester,
        """
        @pytest.fixture
        async def dome(observatory):
            await observatory.until("ATDome is ENABLED", within="1 min")

        def test_it(dome):
            pass
        """,
    )

    assert kept(pytester.path) == [".cscsim/journals/test_it.test_it.jsonl"]


@pytest.mark.parametrize("line", ['pytest.skip("not now")', 'pytest.xfail("known")'])
def test_what_is_skipped_or_expected_to_fail_keeps_nothing(pytester, line):
    run_tests(pytester, f"def test_it(observatory):\n    {line}\n")

    assert kept(pytester.path) == []


def test_of_several_rehearsals_those_that_did_not_pass_are_kept_and_the_last(pytester):
    run = run_tests(
        pytester,
        """
        def test_it(rehearse):
            for fault in ([], ["ATWhiteLight.bulb_will_not_ignite"], [], []):
                rehearse("weekly", faults=fault)
            assert False
        """,
    )

    assert kept(pytester.path) == [
        ".cscsim/journals/test_it.test_it.2.jsonl",
        ".cscsim/journals/test_it.test_it.4.jsonl",
    ]
    assert run.section("cscsim").count("rehearsal    weekly at auxtel") == 2


def test_a_rehearsal_that_never_began_has_no_journal(pytester):
    run = run_tests(pytester, 'def test_it(rehearse):\n    rehearse("weekly", config={"x": 1})\n')

    assert run.outcomes == {"failed": 1}
    assert kept(pytester.path) == []
    assert "journal  " not in run.text


def test_the_same_test_has_the_same_journal(pytester):
    run_tests(pytester, FAILS, "--cscsim-journals", "first")
    run_tests(pytester, FAILS, "--cscsim-journals", "second")
    first, second = (pytester.path / name / "test_it.test_it-bad.jsonl" for name in ("first", "second"))

    assert first.read_bytes() == second.read_bytes()


def test_a_test_has_one_file_and_a_file_one_test():
    names = [file_name(f"tests/test_a.py::test_it[{which}]") for which in ("a b", "a/b", "a.b", "x" * 300, "x" * 301)]

    assert len(set(names)) == len(names)
    assert all(len(name) < 200 for name in names)


def test_tests_that_are_spread_over_processes_keep_theirs(pytester):
    pytest.importorskip("xdist")
    run = run_tests(pytester, FAILS, "-n", "2", apart=True)

    assert run.outcomes == {"passed": 1, "failed": 1}
    assert kept(pytester.path) == [".cscsim/journals/test_it.test_it-bad.jsonl"]
    assert "journal      .cscsim/journals/test_it.test_it-bad.jsonl" in run.text
