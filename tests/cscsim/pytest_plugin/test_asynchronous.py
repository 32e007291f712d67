"""Which tests run in simulated time, and what happens there."""

from __future__ import annotations

import pytest

from tests.cscsim.pytest_plugin.runs import run_tests

pytest_plugins = ["pytester"]


def test_an_async_test_with_the_observatory_runs_in_simulated_time(pytester):
    run = run_tests(
        pytester,
        """
        async def test_a_day(observatory):
            await observatory.sleep("24 h")
            assert observatory.now == 86400.0
            assert asyncio.get_running_loop().time() == 86400.0
        """,
    )

    assert run.outcomes == {"passed": 1}


def test_each_test_has_a_time_and_an_observatory_of_its_own(pytester):
    run = run_tests(
        pytester,
        """
        @pytest.mark.parametrize("which", [1, 2])
        async def test_it(observatory, which):
            assert observatory.now == 0.0
            assert observatory["ATDome is STANDBY"]
            await observatory.enable("ATDome")
            await observatory.sleep(10)
        """,
    )

    assert run.outcomes == {"passed": 2}


def test_fixtures_test_and_clean_up_share_one_time(pytester):
    run = run_tests(
        pytester,
        """
        @pytest.fixture
        async def dome(observatory):
            await observatory.enable("ATDome")
            await observatory.sleep(10)
            yield observatory
            await observatory.sleep(5)
            print("ended at", observatory.now)

        @pytest.fixture
        async def number(observatory):
            await observatory.sleep(1)
            return 7

        async def test_asynchronous(dome, number):
            assert (number, dome.now) == (7, 11.0)
            assert dome["ATDome is ENABLED"]

        def test_plain(dome):
            assert dome.now == 10.0
        """,
        "-s",
    )

    assert run.outcomes == {"passed": 2}
    assert "ended at 16.0" in run.text
    assert "ended at 15.0" in run.text


def test_methods_and_their_fixtures_are_bound_to_the_instance_of_the_test(pytester):
    run = run_tests(
        pytester,
        """
        class TestDome:
            @pytest.fixture
            async def ready(self, observatory):
                self.prepared = True
                await observatory.enable("ATDome")

            async def test_it(self, ready, observatory):
                assert self.prepared
                observatory.check("ATDome is ENABLED")

            def test_another(self, observatory):
                assert not hasattr(self, "prepared")
        """,
    )

    assert run.outcomes == {"passed": 2}


def test_a_mark_brings_simulated_time_to_a_test_without_fixtures(pytester):
    run = run_tests(
        pytester,
        """
        pytestmark = pytest.mark.simulated

        @pytest.fixture
        async def late():
            await asyncio.sleep(1e6)

        async def test_marked(late):
            await asyncio.sleep(1e6)
            assert asyncio.get_running_loop().time() == 2e6

        async def test_clock(simulated_clock):
            await simulated_clock.sleep(5)
            assert simulated_clock.now == 5.0

        def test_plain():
            pass
        """,
    )

    assert run.outcomes == {"passed": 3}


def test_the_clock_knows_the_date_of_the_observatory(pytester):
    run = run_tests(
        pytester,
        """
        @pytest.mark.observatory(start="2026-02-01T00:00:10")
        async def test_it(observatory, simulated_clock):
            assert simulated_clock.tai % 86400 == 10.0
        """,
    )

    assert run.outcomes == {"passed": 1}


def test_a_fixture_that_yields_twice_is_told(pytester):
    run = run_tests(
        pytester,
        """
        @pytest.fixture
        async def twice(observatory):
            yield 1
            yield 2

        def test_it(twice):
            pass
        """,
    )

    assert run.outcomes == {"passed": 1, "errors": 1}
    assert "the fixture twice yields more than one value" in run.text


def test_a_wait_that_nothing_can_end_fails_at_its_line(pytester):
    run = run_tests(
        pytester,
        """
        async def test_it(observatory):
            await asyncio.get_running_loop().create_future()
        """,
    )

    assert run.outcomes == {"failed": 1}
    assert ">       await asyncio.get_running_loop().create_future()" in run.text
    assert "Deadlock: simulated time stopped at 600.000 s" in run.text


def test_an_error_in_a_task_that_nobody_awaits_fails_the_test(pytester):
    run = run_tests(
        pytester,
        """
        async def broken():
            raise ValueError("a bug")

        async def test_it(observatory):
            task = asyncio.create_task(broken())
            task.add_done_callback(lambda task: task.result())
            await observatory.sleep(10)

        async def test_the_next(observatory):
            await observatory.sleep(10)
        """,
    )

    assert run.outcomes == {"failed": 1, "passed": 1}
    assert "ValueError: a bug" in run.text
    assert "Event loop stopped" not in run.text


def test_rehearse_in_an_async_test_says_what_to_do_instead(pytester):
    run = run_tests(
        pytester,
        """
        async def test_it(rehearse, observatory):
            rehearse("weekly")
        """,
    )

    assert run.outcomes == {"failed": 1}
    assert "call it in a test that is not async, or run the procedure with `await observatory.run(...)`" in run.text


# ------------------------------------------------------------------ neighbours

GREEDY = """
import asyncio, functools, inspect
import pytest

# Takes every async test and fixture that it finds, as pytest-asyncio does in its automatic mode.

def plain(function):
    @functools.wraps(function)
    def call(*args, **kwargs):
        return asyncio.run(function(*args, **kwargs))
    return call

@pytest.hookimpl(hookwrapper=True)
def pytest_pycollect_makeitem():
    outcome = yield
    found = outcome.get_result()
    for item in found if isinstance(found, list) else ():
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.obj = plain(item.obj)

@pytest.hookimpl(hookwrapper=True)
def pytest_fixture_setup(fixturedef):
    if inspect.iscoroutinefunction(fixturedef.func):
        fixturedef.func = plain(fixturedef.func)
    yield
"""

BOTH = """
@pytest.fixture
async def theirs():
    return type(asyncio.get_running_loop()).__name__

@pytest.fixture
async def ours(observatory):
    return type(asyncio.get_running_loop()).__name__

async def test_theirs(theirs):
    assert theirs != "SimulatedLoop"
    assert type(asyncio.get_running_loop()).__name__ != "SimulatedLoop"

async def test_ours(ours, observatory):
    assert ours == "SimulatedLoop"
    await observatory.sleep("1 h")
"""


def test_a_plugin_that_takes_every_async_test_leaves_ours_alone_and_keeps_its_own(pytester):
    pytester.makeconftest(GREEDY)

    run = run_tests(pytester, BOTH)

    assert run.outcomes == {"passed": 2}


@pytest.mark.parametrize(
    ("module", "options"),
    [("pytest_asyncio", ("-o", "asyncio_mode=auto")), ("anyio", ("-o", "anyio_mode=auto", "-p", "no:asyncio"))],
)
def test_the_plugins_that_are_installed_get_on_with_ours(pytester, module, options):
    pytest.importorskip(module)

    run = run_tests(pytester, BOTH, *options, apart=True)

    assert run.outcomes == {"passed": 2}


def test_without_such_a_plugin_async_tests_of_others_fail_as_ever(pytester):
    run = run_tests(
        pytester,
        """
        async def test_theirs():
            pass
        """,
        "-p", "no:asyncio", "-p", "no:anyio",
    )  # fmt: skip

    assert run.outcomes == {"failed": 1}
    assert "async def functions are not natively supported" in run.text
