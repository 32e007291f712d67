"""A plugin of pytest: tests of procedures and components in simulated time.

::

    @pytest.mark.fault("ATDome.encoder_slip", slip="2 deg")
    async def test_homing_cures_a_slipped_encoder(observatory):
        await observatory.enable("ATDome")
        await observatory.command("ATDome.homeAzimuth")
        assert observatory["ATDome.homing is HOMED"]

    @pytest.mark.every_fault("ATDome")
    def test_the_weekly_calibrations_end_with_the_lamp_off(rehearse):
        assert rehearse("weekly").at_the_end["ATWhiteLight.lamp is OFF"]

Every run of pytest loads this module, and most have no use for it: it loads nothing but pytest, and what its
fixtures need when a test asks for them.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cscsim.pytest_plugin.journals import DIRECTORY, JOURNALS, Journals
from cscsim.pytest_plugin.marks import MARKS, every_fault_of
from cscsim.pytest_plugin.synchronous import TIME, in_simulated_time, is_ours, with_simulated_time

if TYPE_CHECKING:
    from cscsim.pytest_plugin.carrying_out import ProcedureFailed
    from cscsim.pytest_plugin.rehearsing import Rehearse, Rehearsed
    from cscsim.pytest_plugin.running import RunningObservatory
    from cscsim.pytest_plugin.simulated import SimulatedTime
    from fsm import Clock

__all__ = ["ProcedureFailed", "Rehearse", "Rehearsed", "RunningObservatory", "all_faults"]

_FOUND_IN = {
    "ProcedureFailed": "carrying_out",
    "Rehearse": "rehearsing",
    "Rehearsed": "rehearsing",
    "RunningObservatory": "running",
}
"""Where the classes are that a test may import for its annotations."""


def __getattr__(name: str) -> Any:
    if name in _FOUND_IN:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_FOUND_IN[name]}"), name)
    raise AttributeError(f"module {__name__} has no attribute {name}")


def all_faults(*components: str, observatory: str = "auxtel") -> list[str]:
    """Return every declared fault as ``COMPONENT.FAULT``, to parametrize a test with.

    Parameters
    ----------
    components
        Components or groups whose faults are wanted; those of all if there are none.
    observatory
        Where they are, by name or path.
    """
    call = ", ".join(repr(component) for component in components)
    return every_fault_of(components, observatory, asked_by=f"all_faults({call})")


# ----------------------------------------------------------------------- hooks


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say where the journals of failed tests are kept."""
    group = parser.getgroup("cscsim", "tests in simulated time")
    group.addoption(
        "--cscsim-journals",
        metavar="DIR",
        help=f"where the journals of failed tests are kept (default: the ini option, or {DIRECTORY})",
    )
    parser.addini("cscsim_journals", f"where the journals of failed tests are kept; {DIRECTORY} if not set")


def pytest_configure(config: pytest.Config) -> None:
    """Describe the marks."""
    for mark in MARKS:
        config.addinivalue_line("markers", mark)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat a test for each fault of `every_fault`."""
    marks = list(metafunc.definition.iter_markers("every_fault"))
    if marks and "current_fault" in metafunc.fixturenames:
        found = [fault for mark in reversed(marks) for fault in _faults_of(mark, metafunc.definition)]
        metafunc.parametrize("current_fault", list(dict.fromkeys(found)), indirect=True)


def _faults_of(mark: pytest.Mark, node: pytest.Item) -> list[str]:
    from cscsim.pytest_plugin.circumstances import circumstances_of

    where = circumstances_of(node).observatory
    return every_fault_of(mark.args, where or "auxtel", asked_by="@pytest.mark.every_fault", **mark.kwargs)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_pycollect_makeitem() -> Generator[None, Any, Any]:
    """Make the tests that are ours synchronous, before a plugin for asynchronous tests takes them for its own."""
    found = yield
    for item in found if isinstance(found, list) else (found,):
        if isinstance(item, pytest.Function) and is_ours(item):
            in_simulated_time(item)
    return found


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, Any, Any]:
    """Set up the asynchronous fixtures of a test that is ours in its simulated time."""
    with with_simulated_time(fixturedef, request):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say what became of the observatory when a test fails, and keep its journal then."""
    report = yield
    journals = item.stash.get(JOURNALS, None)
    if journals is not None:
        journals.heed(report)
    return report


# -------------------------------------------------------------------- fixtures


@pytest.fixture(name=TIME)
def _cscsim_time() -> Iterator[SimulatedTime]:
    """Keep the simulated time of one test."""
    from cscsim.pytest_plugin.simulated import SimulatedTime

    with SimulatedTime() as time:
        yield time


@pytest.fixture(name="_cscsim_folder", scope="session")
def _cscsim_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the journals of tests that are under way."""
    return tmp_path_factory.mktemp("cscsim")


@pytest.fixture(name="_cscsim_journals")
def _cscsim_journals(request: pytest.FixtureRequest, _cscsim_folder: Path) -> Journals:
    """Return the journals of one test."""
    journals = request.node.stash[JOURNALS] = Journals(request.node, _cscsim_folder)
    return journals


@pytest.fixture
def current_fault(request: pytest.FixtureRequest) -> str | None:
    """Name the fault that this run of a test with ``@pytest.mark.every_fault`` is about; None in other tests."""
    fault: str | None = getattr(request, "param", None)
    return fault


@pytest.fixture
def simulated_clock(_cscsim_time: SimulatedTime) -> Clock:
    """Return the clock of the simulated time in which an ``async def`` test runs; an `fsm.Clock`."""
    return _cscsim_time.clock


@pytest.fixture
def observatory(
    request: pytest.FixtureRequest, current_fault: str | None, _cscsim_time: SimulatedTime, _cscsim_journals: Journals
) -> Iterator[RunningObservatory]:
    """Build an observatory, start it in simulated time, and stop it after the test.

    It is the Auxiliary Telescope unless ``@pytest.mark.observatory`` says otherwise; the marks ``scenario``,
    ``fault`` and ``every_fault`` say what goes wrong in it. An ``async def`` test that uses it runs in its time.
    """
    from cscsim.pytest_plugin.circumstances import circumstances_of
    from cscsim.pytest_plugin.running import RunningObservatory

    circumstances = circumstances_of(request.node, current_fault)
    with RunningObservatory(circumstances, _cscsim_time, _cscsim_journals) as running:
        yield running


@pytest.fixture
def rehearse(request: pytest.FixtureRequest, current_fault: str | None, _cscsim_journals: Journals) -> Rehearse:
    """Rehearse a procedure: ``report = rehearse("weekly", seed=1)``.

    The marks ``observatory``, ``scenario``, ``fault`` and ``every_fault`` say under which circumstances.
    """
    from cscsim.pytest_plugin.circumstances import circumstances_of
    from cscsim.pytest_plugin.rehearsing import Rehearse

    return Rehearse(circumstances_of(request.node, current_fault), _cscsim_journals)
