"""The scripts that move the telescope, its dome and its lamp, and the parts they share: what they take and say."""

from __future__ import annotations

import pytest

from csc import load_catalogue
from fsm import AuthorError, Name, Template, Value
from procedures import parse_config, validate_config
from procedures.model import Call
from procedures.walk import walk_steps
from tests.procedures.library.perform import ATCS, LATISS, library, sheet

DURATIONS = {
    "auxtel/enable_atcs.py": 60.0,
    "auxtel/enable_latiss.py": 60.0,
    "auxtel/standby_latiss.py": 60.0,
    "auxtel/scheduler/enable.py": 30.0,
    "auxtel/scheduler/add_block.py": 30.0,
    "auxtel/calibrations/power_on_atcalsys.py": 2100.0,
    "auxtel/calibrations/power_off_atcalsys.py": 1200.0,
    "auxtel/prepare_for/flat.py": 600.0,
    "auxtel/atdome/home_dome.py": 300.0,
    "auxtel/atdome/slew_dome.py": 60.0,
    "auxtel/stop_tracking.py": 3.0,
    "auxtel/daytime_checkout/latiss_checkout.py": 20.0,
    "auxtel/daytime_checkout/atpneumatics_checkout.py": 95.0,
    "auxtel/daytime_checkout/telescope_and_dome_checkout.py": 220.0,
    "auxtel/daytime_checkout/slew_and_take_image_checkout.py": 410.0,
    "auxtel/prepare_for/onsky.py": 600.0,
    "auxtel/shutdown.py": 600.0,
    "auxtel/scheduler/stop.py": 30.0,
    "auxtel/atdome/close_dropout_door.py": 120.0,
}
SCRIPTS = ("set_summary_state.py", *DURATIONS, "auxtel/prepare_for/vent.py")
TOPICS = ("atcs/", "ataos/", "building/", "dome/", "m1_cover/", "m1_vents/", "pneumatics/", "watcher/", "weather/")
PARTS = tuple(name for name in library().names("part") if name.startswith(TOPICS))
WITHOUT_CONFIGURATION = (
    "auxtel/calibrations/power_off_atcalsys.py",
    "auxtel/prepare_for/flat.py",
    "auxtel/atdome/home_dome.py",
    "auxtel/stop_tracking.py",
    "auxtel/daytime_checkout/latiss_checkout.py",
    "auxtel/daytime_checkout/atpneumatics_checkout.py",
    "auxtel/daytime_checkout/telescope_and_dome_checkout.py",
    "auxtel/daytime_checkout/slew_and_take_image_checkout.py",
    "auxtel/shutdown.py",
    "auxtel/atdome/close_dropout_door.py",
)
CALLED_BY_A_VARIABLE = {"set_summary_state.py": "watcher/mute"}
"""What is called by a name that is known only then, because an observatory may do without it."""


class Configured:
    """Knows values of a configuration, and nothing else."""

    def __init__(self, **config: Value) -> None:
        self.config = config

    def read(self, name: Name) -> Value:
        return self.config.get(name.parts[-1])


@pytest.mark.parametrize("name", [*SCRIPTS, *PARTS])
def test_file_loads_under_its_own_name_and_says_where_it_comes_from(name):
    procedure = library().find(name)

    assert procedure.name == name
    assert procedure.title
    assert procedure.overview
    assert procedure.sources
    assert procedure.standard


@pytest.mark.parametrize("name", [*SCRIPTS, *PARTS])
def test_remotes_are_components_of_the_observatory(name):
    procedure = library().find(name)

    assert set(procedure.remotes) <= set(sheet().components)


@pytest.mark.parametrize("name", [*SCRIPTS, *PARTS])
def test_calls_name_procedures_that_take_their_configuration(name):
    for step in walk_steps(library().find(name).steps):
        if isinstance(step, Call):
            by_variable = CALLED_BY_A_VARIABLE.get(name)
            assert isinstance(step.procedure, Template) or by_variable
            called = library().find(step.procedure.text if isinstance(step.procedure, Template) else str(by_variable))
            known = set((called.config or {}).get("properties", {}))
            assert set(step.config or {}) <= known
            assert set((called.config or {}).get("required", ())) <= set(step.config or {})


@pytest.mark.parametrize(("name", "duration"), DURATIONS.items())
def test_estimated_duration_is_the_observatorys(name, duration):
    assert library().find(name).duration.evaluate(Configured()) == duration


def test_estimated_duration_of_state_changes_grows_with_their_number():
    data = (("ATWhiteLight", "STANDBY"), ("ATWhiteLight", "ENABLED"))

    assert library().find("set_summary_state.py").duration.evaluate(Configured(data=data)) == 4.0


@pytest.mark.parametrize("name", WITHOUT_CONFIGURATION)
def test_script_without_a_schema_takes_no_text_at_all(name):
    procedure = library().find(name)

    assert parse_config(procedure, "") == {}
    for text in ("{}", " ", "az: 3"):
        with pytest.raises(AuthorError, match="takes no configuration; leave it empty"):
            parse_config(procedure, text)


@pytest.mark.parametrize(
    ("name", "text", "complete"),
    [
        (
            "set_summary_state.py",
            "data: [[ATWhiteLight, ENABLED]]",
            {"data": [["ATWhiteLight", "ENABLED"]], "mute_alarms": True, "mute_duration": 30.0},
        ),
        ("auxtel/enable_atcs.py", "", {"ataos": None, "athexapod": None, "atdome": None, "atdometrajectory": None}),
        ("auxtel/enable_latiss.py", "", {"atcamera": None, "atspectrograph": None, "atoods": None}),
        ("auxtel/standby_latiss.py", "", {}),
        (
            "auxtel/calibrations/power_on_atcalsys.py",
            "",
            {
                "chiller_temperature": 20,
                "whitelight_power": 910,
                "wavelength": 0,
                "grating_type": 0,
                "entrance_slit_width": 5,
                "exit_slit_width": 5,
                "use_atmonochromator": False,
            },
        ),
        ("auxtel/prepare_for/vent.py", "", {"end_at_sun_elevation": 0.0, "skip_vent_gates": False}),
        ("auxtel/prepare_for/onsky.py", "", {}),
        ("auxtel/scheduler/stop.py", "", {"stop": False}),
        ("auxtel/atdome/slew_dome.py", "az: 3.0", {"az": 3.0}),
        ("auxtel/scheduler/add_block.py", "id: BLOCK-309", {"id": "BLOCK-309"}),
        (
            "auxtel/scheduler/enable.py",
            "config: auxtel_fbs_spec_flex_survey.yaml",
            {"config": "auxtel_fbs_spec_flex_survey.yaml"},
        ),
    ],
)
def test_defaults_are_the_observatorys(name, text, complete):
    assert parse_config(library().find(name), text) == complete


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("set_summary_state.py", "", "'data' is a required property"),
        ("set_summary_state.py", "data: []", r"data: .*(too short|non-empty)"),
        ("set_summary_state.py", "data: [[ATWhiteLight]]", r"data\.0: .*too short"),
        ("set_summary_state.py", "data: [[ATDome, ENABLED, x, y]]", r"data\.0: .*too long"),
        (
            "set_summary_state.py",
            "data:\n- [ATWhiteLight, FAULT]",
            r"py:2:18: data\.0\.1: 'FAULT' must be one of OFFLINE, STANDBY, DISABLED and ENABLED",
        ),
        ("set_summary_state.py", "data: [[ATWhiteLight, ENABLD]]", r"data\.0\.1: 'ENABLD' must be one of OFFLINE"),
        ("set_summary_state.py", "data: [[ATWhiteLight, 2]]", r"data\.0\.1: 2 must be one of OFFLINE"),
        ("set_summary_state.py", "data: [[ATDome, ENABLED, 3]]", r"data\.0\.2: 3 is not of type 'string'"),
        ("auxtel/enable_atcs.py", "atmcs: x", "there is no key atmcs"),
        ("auxtel/enable_latiss.py", "atcamra: x", "there is no key atcamra; did you mean atcamera?"),
        ("auxtel/standby_latiss.py", "atcamera: x", "there is no key atcamera"),
        ("auxtel/scheduler/enable.py", "", "'config' is a required property"),
        ("auxtel/scheduler/add_block.py", "program: BLOCK-309", "there is no key program"),
        ("auxtel/scheduler/add_block.py", "id: BLOCK-309\noverride: text", "override: 'text' is not of type 'object'"),
        ("auxtel/calibrations/power_on_atcalsys.py", "chiller_temperature: 9", "9 is less than the minimum of 10"),
        ("auxtel/calibrations/power_on_atcalsys.py", "grating_type: 3", r"grating_type: 3 is not one of \[0, 1, 2\]"),
        ("auxtel/calibrations/power_on_atcalsys.py", "whitelight_pwr: 910", "did you mean whitelight_power?"),
        ("auxtel/atdome/slew_dome.py", "", "'az' is a required property"),
        ("auxtel/atdome/slew_dome.py", "az: three", "az: 'three' is not of type 'number'"),
        ("auxtel/prepare_for/vent.py", "end_at_sun_elevation: low", "'low' is not of type 'number'"),
        ("auxtel/prepare_for/onsky.py", "ignore: atdome", "ignore: 'atdome' is not of type 'array'"),
        ("auxtel/scheduler/stop.py", "stop: later", "stop: 'later' is not of type 'boolean'"),
    ],
)
def test_wrong_configuration_is_refused_with_what_is_wrong(name, text, message):
    with pytest.raises(AuthorError, match=message):
        parse_config(library().find(name), text)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("set_summary_state.py", {"data": [["ATWhiteLight", "ENABLED"]]}),
        ("set_summary_state.py", {"data": [["OCPS:1", "ENABLED"]]}),
        ("auxtel/calibrations/power_on_atcalsys.py", {"use_atmonochromator": False}),
        ("auxtel/prepare_for/flat.py", {}),
        ("auxtel/calibrations/power_off_atcalsys.py", {}),
        ("set_summary_state.py", {"data": [["ATWhiteLight", "STANDBY"]]}),
        ("auxtel/stop_tracking.py", {}),
    ],
)
def test_the_observatorys_blocks_309_and_310_fit(name, parameters):
    validate_config(library().find(name), parameters)


@pytest.mark.parametrize("end", ["enable_atcs.py", "enable_latiss.py", "standby_latiss", "add_block.py"])
def test_script_is_found_by_the_end_of_its_path(end):
    assert library().find(end).name.removesuffix(".py").endswith(f"/{end.removesuffix('.py')}")


def test_groups_are_the_observatorys():
    assert sheet().groups["ATCS"] == ATCS
    assert sheet().groups["LATISS"] == LATISS
    assert set(ATCS) <= set(load_catalogue())
