"""What a test that fails says."""

from __future__ import annotations

import itertools

import pytest

from tests.cscsim.pytest_plugin.runs import run_tests

pytest_plugins = ["pytester"]


def fails_with(pytester: pytest.Pytester, *lines: str) -> str:
    """Run one async test of these lines, which fails; return what pytest writes."""
    body = "\n".join(f"    {line}" for line in lines)
    run = run_tests(pytester, f"async def test_it(observatory):\n{body}\n")
    assert run.outcomes == {"failed": 1}
    return run.text


def test_a_condition_that_does_not_hold_is_explained(pytester):
    text = fails_with(pytester, 'assert observatory["ATDome.azimuth within 1.5 deg of 3 deg"]')

    assert "E       assert ATDome.azimuth is 285 deg, not within 1.5 deg of 3 deg (78 deg away)" in text


def test_a_condition_that_should_not_hold_is_explained(pytester):
    text = fails_with(pytester, 'assert not observatory["ATDome is STANDBY"]')

    assert "E       assert not ATDome is STANDBY" in text


def test_what_nobody_has_published_is_unknown_and_not_true(pytester):
    text = fails_with(pytester, 'assert observatory.published["ATDome.azimuth within 90 deg of 285 deg"]')

    assert "ATDome.azimuth" in text
    assert "unknown" in text


def test_check_explains_too(pytester):
    text = fails_with(pytester, 'observatory.check("ATDome is ENABLED")')

    assert "E       AssertionError: ATDome is STANDBY, not ENABLED" in text


def test_a_wait_in_vain_says_what_is_missing(pytester):
    text = fails_with(pytester, 'await observatory.until("ATDome is ENABLED", within="20 min")')

    assert "TimeoutError: timed out after 1200 s waiting for ATDome is ENABLED (ATDome is STANDBY, not ENABLED)" in text


def test_a_refused_command_says_what_the_component_answered(pytester):
    text = fails_with(pytester, 'await observatory.command("ATWhiteLight.turnLampOn", power=1200)')

    assert "AckError: ATWhiteLight.turnLampOn: FAILED Failed: Not allowed in state=<State.STANDBY: 5>" in text


def test_a_procedure_that_fails_says_where_and_why(pytester):
    text = fails_with(pytester, 'await observatory.run("auxtel/prepare_for/flat.py")')

    assert "ProcedureFailed: auxtel/prepare_for/flat.py precondition: all components of ATCS must be ENABLED" in text


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('observatory["ATDoom is ENABLED"]', '"ATDoom is ENABLED": there is no ATDoom; did you mean ATDome?'),
        ('observatory.value("ATDome.azimut")', "there is no ATDome.azimut; did you mean ATDome.azimuth?"),
        ('observatory.check("ATDome is ENABELD")', "ATDome has no state ENABELD; did you mean ENABLED?"),
        ('observatory.event("ATDome.azimuthStat")', "ATDome has no topic azimuthStat; did you mean azimuthState?"),
        ('observatory.event("azimuthState")', "azimuthState: is written COMPONENT.NAME, such as ATDome.azimuthState"),
        ('observatory.inject("ATDome.encoder_slp")', "ATDome has no fault encoder_slp; did you mean encoder_slip?"),
        ('observatory.inject("ATDome.encoder_slip", slip="2 kg")', "must be in deg"),
        ('observatory.inject("ATDome.encoder_slip@5 s", when="5 s")', "either in the name or as arguments, not twice"),
        ('observatory.clear("ATDome.encoder_slip")', "there is no fault encoder_slip at ATDome now"),
        ('observatory.remote("ATDoom")', "there is no component ATDoom; did you mean ATDome?"),
        ('await observatory.command("ATDome.moveAzimut")', "no command moveAzimut; did you mean moveAzimuth?"),
        ('await observatory.command("ATDome.moveAzimuth", azimut=3)', "has no field azimut; did you mean azimuth?"),
        ('await observatory.command("ATDome.moveAzimuth", azimuth="3 kg")', "a quantity in deg is expected"),
        ('await observatory.enable("ATDoom")', "there is no component ATDoom; did you mean ATDome?"),
        ('await observatory.bring("ATDome", to="ENABELD")', "no command leads to ENABELD; did you mean ENABLED?"),
        ('await observatory.sleep("5 kg")', "'5 kg' is no length of time; write it as 300 or '5 min'"),
        ('await observatory.sleep("long")', "'long' is no length of time; write it as 300 or '5 min'"),
        ('await observatory.run("auxtel/prepare_for/flatt.py")', "did you mean auxtel/prepare_for/flat.py?"),
    ],
    ids=itertools.count(),
)  # fmt: skip
def test_a_wrong_name_is_told_at_the_line_of_the_test_and_nowhere_else(pytester, line, message):
    text = fails_with(pytester, line)

    assert message in text
    assert f">       {line}" in text
    assert text.count("\n>  ") == 1, "the traceback has one entry, which is the test's"
    assert "The above exception" not in text


def test_what_the_observatory_was_like_stands_below(pytester):
    run = run_tests(
        pytester,
        """
        @pytest.mark.observatory(seed=3)
        async def test_it(observatory):
            await observatory.enable("ATDome")
            observatory.inject("ATDome.encoder_slip", slip="2 deg")
            await observatory.sleep("5 min")
            assert False
        """,
    )
    section = run.section("cscsim")

    assert section.startswith("observatory  auxtel, seed 3, after 5 min\nfault        ATDome.encoder_slip\n")
    assert "0:00:00  ATDome.enable COMPLETE Done" in section
    assert "0:00:00  ATDome.encoder_slip injected" in section
    assert section.endswith("journal      .cscsim/journals/test_it.test_it.jsonl")


def test_a_rehearsal_that_has_not_passed_says_why_and_how_to_see_it_again(pytester):
    run = run_tests(
        pytester,
        """
        @pytest.mark.fault("ATWhiteLight.bulb_will_not_ignite")
        def test_it(rehearse):
            assert rehearse("weekly", seed=1).passed
        """,
    )

    assert run.outcomes == {"failed": 1}
    assert "assert failed: weekly setup: BLOCK-309 ended ERROR: script 200006 failed: Error in run: ATWhite" in run.text
    assert run.section("cscsim").splitlines() == [
        "rehearsal    weekly at auxtel, seed 1",
        "outcome      failed after 7 min 4 s",
        "because      weekly setup: BLOCK-309 ended ERROR: script 200006 failed: Error in run: "
        "ATWhiteLight.turnLampOn: FAILED Failed: Lamp did not light in 3 attempts",
        "fault        ATWhiteLight.bulb_will_not_ignite",
        "replay       cscsim replay .cscsim/journals/test_it.test_it.jsonl",
        "again        cscsim rehearse weekly --yes --seed 1 --fault ATWhiteLight.bulb_will_not_ignite",
        "journal      .cscsim/journals/test_it.test_it.jsonl",
    ]


def test_a_violated_condition_is_told_with_the_values_seen(pytester):
    run = run_tests(
        pytester,
        """
        @pytest.mark.fault("ATDome.encoder_slip", slip="20 deg")
        def test_it(rehearse):
            assert rehearse("weekly", seed=1).passed
        """,
    )

    assert "violated     weekly " in run.section("cscsim")
    assert "adu" in run.section("cscsim")


def test_a_wrong_name_in_a_call_of_rehearse_is_told_at_its_line(pytester):
    run = run_tests(
        pytester,
        """
        def test_procedure(rehearse):
            rehearse("weekli")

        def test_fault(rehearse):
            rehearse("weekly", faults=["ATDome.encoder_slp"])

        def test_scenario(rehearse):
            rehearse("weekly", scenario="encoder_slp")

        def test_config(rehearse):
            rehearse("weekly", config={"x": 1})

        def test_answers(rehearse):
            rehearse("weekly", answers={"Is it raining?": True})
        """,
    )

    assert run.outcomes == {"failed": 5}
    assert "there is no procedure weekli; did you mean weekly?" in run.text
    assert 'fault "ATDome.encoder_slp": ATDome has no fault encoder_slp; did you mean encoder_slip?' in run.text
    assert "there is no scenario encoder_slp; did you mean encoder_slip?" in run.text
    assert "config of weekly: there is no key x" in run.text
    assert "answers: nobody asked 'Is it raining?'; what was asked: " in run.text
    assert run.text.count("\n>  ") == 5
