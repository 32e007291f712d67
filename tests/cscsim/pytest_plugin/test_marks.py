"""What the marks of a test mean, and what is said of one that is wrong."""

from __future__ import annotations

import pytest

from tests.cscsim.pytest_plugin.runs import run_tests

pytest_plugins = ["pytester"]


def test_pytest_tells_of_the_marks_and_fixtures(pytester):
    marks = run_tests(pytester, "", "--markers").text
    fixtures = run_tests(pytester, "", "--fixtures").text

    for mark in ("observatory(", "fault(", "scenario(", "every_fault(", "simulated:"):
        assert f"@pytest.mark.{mark}" in marks
    for fixture in ("observatory", "rehearse", "current_fault", "simulated_clock"):
        assert f"\n{fixture} -- " in fixtures


def test_marks_say_how_the_observatory_begins(pytester):
    run = run_tests(
        pytester,
        """
        @pytest.mark.observatory(
            states={"ATCS": "ENABLED"},
            machines={"ATDome": {"homing": "NOT_HOMED"}},
            parameters={"ATWhiteLight": {"max_retries": 5}},
            parameter_set="simulators",
        )
        async def test_it(observatory):
            assert observatory["ATCS is ENABLED"]
            assert observatory["ATDome.homing is NOT_HOMED"]
            assert observatory.value("ATWhiteLight.max_retries") == 5
            assert observatory.records("run")[0]["parameter_set"] == "simulators"

        @pytest.mark.observatory("comcam")
        async def test_another(observatory):
            await observatory.enable("ComCam")
            assert observatory["ComCam is ENABLED"]
        """,
    )

    assert run.outcomes == {"passed": 2}


def test_the_mark_nearest_to_the_test_counts_and_all_faults_do(pytester):
    run = run_tests(
        pytester,
        """
        pytestmark = [pytest.mark.observatory(seed=1, states={"ATDome": "ENABLED"}), pytest.mark.fault("ATDome.stall")]

        @pytest.mark.observatory(seed=2)
        @pytest.mark.fault("ATDome.encoder_slip", slip="2 deg")
        @pytest.mark.fault("ATWhiteLight.chiller_stops", when="5 min")
        def test_it(observatory):
            assert observatory["ATDome is ENABLED"]
            first = observatory.records("run")[0]
            assert first["seed"] == 2
            assert first["faults"] == [
                "ATDome.stall", "ATDome.encoder_slip:slip=2 deg", "ATWhiteLight.chiller_stops@5 min"
            ]
        """,
    )

    assert run.outcomes == {"passed": 1}, run.text


def test_a_fault_happens_at_once_at_a_time_or_on_a_condition(pytester):
    run = run_tests(
        pytester,
        """
        @pytest.mark.fault("ATDome.encoder_slip", slip="2 deg")
        @pytest.mark.fault("ATDome.stall", when="5 min")
        @pytest.mark.fault("ATDome.emergency_stop", when="ATDome is ENABLED")
        async def test_it(observatory):
            await observatory.sleep("10 min")
            await observatory.enable("ATDome")
            await observatory.sleep(1)
            seen = [(record["fault"], record["t"]) for record in observatory.records("fault")]
            assert seen == [("encoder_slip", 0.0), ("stall", 300.0), ("emergency_stop", 600.0)]
        """,
    )

    assert run.outcomes == {"passed": 1}, run.text


def test_a_scenario_is_there_in_both_fixtures(pytester):
    pytester.makefile(
        ".yaml",
        bad_day="""
        scenario: bad_day
        title: a bad day
        faults: [{fault: ATDome.encoder_slip, parameters: {slip: 2.5 deg}}]
        machines: {ATDome: {homing: NOT_HOMED}}
        states: {ATDome: ENABLED}
        """,
    )
    run = run_tests(
        pytester,
        """
        @pytest.mark.scenario("bad_day.yaml")
        def test_it(observatory, rehearse):
            assert observatory["ATDome is ENABLED and ATDome.homing is NOT_HOMED"]
            assert observatory.records("fault", who="ATDome")
            report = rehearse("misalignment")
            assert report.records("fault", who="ATDome")
        """,
    )

    assert run.outcomes == {"passed": 1}, run.text


def test_every_fault_repeats_a_test_with_each(pytester):
    run = run_tests(
        pytester,
        """
        @pytest.mark.every_fault("ATDome", "OCPS")
        def test_marked(observatory, current_fault):
            first = observatory.records("fault")[0]
            assert f"{first['who']}.{first['fault']}" == current_fault

        @pytest.mark.parametrize("fault", all_faults("ATDome", "OCPS"))
        def test_parametrized(observatory, current_fault, fault):
            assert current_fault is None
            observatory.inject(fault)
        """,
        "-v",
    )
    marked = [line.split()[0] for line in run.text.splitlines() if "::test_marked[" in line]
    parametrized = [line.split()[0] for line in run.text.splitlines() if "::test_parametrized[" in line]

    assert set(run.outcomes) == {"passed"}
    assert "test_it.py::test_marked[ATDome.encoder_slip]" in marked
    assert "test_it.py::test_marked[OCPS:1.job_error]" in marked
    assert [name.partition("[")[2] for name in marked] == [name.partition("[")[2] for name in parametrized]


def test_all_faults_of_an_observatory_are_those_that_are_declared():
    from cscsim.locate import open_site
    from cscsim.pytest_plugin import all_faults

    plans = open_site("auxtel").truth.blueprints

    assert all_faults() == [f"{name}.{fault}" for name, plan in plans.items() for fault in plan.faults]
    assert set(all_faults("ATCS")) < set(all_faults())
    assert all(fault.startswith("CC") for fault in all_faults("ComCam", observatory="comcam"))


@pytest.mark.parametrize("fixture", ["observatory", "rehearse"])
@pytest.mark.parametrize(
    ("mark", "message"),
    [
        (
            'fault("ATDome.encoder_slp")',
            '@pytest.mark.fault("ATDome.encoder_slp"): ATDome has no fault encoder_slp; did you mean encoder_slip?',
        ),
        (
            'fault("ATDome.encoder_slip", slipp="2 deg")',
            '@pytest.mark.fault("ATDome.encoder_slip:slipp=2 deg"): '
            "fault ATDome.encoder_slip has no parameter slipp; did you mean slip?",
        ),
        ('fault("encoder_slip")', "encoder_slip: a fault is written COMPONENT.FAULT"),
        ('fault("ATDome.stall", when="ATDoom is ENABLED")', "there is no ATDoom; did you mean ATDome?"),
        ("fault()", "@pytest.mark.fault: missing a required argument: 'name'"),
        (
            'scenario("encoder_slp")',
            "@pytest.mark.scenario: there is no scenario encoder_slp; did you mean encoder_slip?",
        ),
        ('observatory("auxtle")', "@pytest.mark.observatory: there is no observatory auxtle; did you mean auxtel?"),
        (
            'observatory(sates={"ATDome": "ENABLED"})',
            "@pytest.mark.observatory: got an unexpected keyword argument 'sates'; did you mean states?",
        ),
        (
            'observatory(states={"ATDome": "ENABELD"})',
            "@pytest.mark.observatory: ATDome has no summary state ENABELD; did you mean ENABLED?",
        ),
        (
            'observatory(machines={"ATDome": {"homin": "HOMED"}})',
            "@pytest.mark.observatory: ATDome has no machine homin; did you mean homing?",
        ),
        ('observatory(parameters={"ATDoom": {"x": 1}})', "there is no component ATDoom; did you mean ATDome?"),
        ('observatory(parameter_set="sumit")', "there is no parameter set sumit; did you mean summit?"),
        ('observatory(start="tomorrow")', "tomorrow is not a date and time such as 2026-01-15T13:00:00"),
    ],
)  # fmt: skip
def test_a_wrong_mark_is_an_error_of_the_set_up_and_no_traceback(pytester, fixture, mark, message):
    run = run_tests(pytester, f"@pytest.mark.{mark}\ndef test_it({fixture}):\n    pass\n")

    assert run.outcomes == {"errors": 1}
    assert message in run.section("ERROR at setup of test_it")
    assert len(run.section("ERROR at setup of test_it").splitlines()) == 1


@pytest.mark.parametrize(
    "line", ['@pytest.mark.every_fault("ATDoom")', '@pytest.mark.parametrize("f", all_faults("ATDoom"))']
)
def test_a_wrong_component_is_told_when_tests_are_collected(pytester, line):
    run = run_tests(pytester, f"{line}\ndef test_it(rehearse, current_fault, f=None):\n    pass\n")

    assert run.outcomes == {"errors": 1}
    assert run.section("ERROR collecting test_it.py").endswith("there is no component ATDoom; did you mean ATDome?")
    assert len(run.section("ERROR collecting test_it.py").splitlines()) == 1


def test_a_fault_of_another_observatory_is_known_where_the_procedure_is_at_home(pytester):
    fault = "CCCamera"
    run = run_tests(
        pytester,
        f"""
        found = all_faults("{fault}", observatory="comcam")

        @pytest.mark.fault(found[0])
        def test_it(rehearse):
            report = rehearse("comcam")
            assert report.records("fault")
        """,
    )

    assert run.outcomes == {"passed": 1}, run.text


def test_the_marks_of_others_are_left_alone(pytester):
    run = run_tests(
        pytester,
        """
        @pytest.mark.fault(42, "of theirs")
        @pytest.mark.scenario
        @pytest.mark.every_fault
        def test_it():
            pass
        """,
    )

    assert run.outcomes == {"passed": 1}
