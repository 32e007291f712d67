"""The session that the stand-in plays: the Auxiliary Telescope at the flat field, a script that runs, three images."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from csc import Blueprint
from csc.diagrams import charts_of
from cscsim.console.guide import Guide, outline
from cscsim.console.roles import Role
from cscsim.locate import Site, open_home

__all__ = [
    "ANSWERS",
    "HOSTILE",
    "TELEMETRY",
    "TRUTH",
    "ack",
    "blueprint",
    "explain",
    "hello",
    "picture",
    "role",
    "topics",
]

NOW = 1184.0  # simulated seconds
TAI = 1768482000.0  # at the beginning
HOSTILE = "<img src=x onerror=\"document.title='hacked'\">"
STATES = {
    "ATMonochromator": "STANDBY",
    "Electrometer:1": "FAULT",
    "FiberSpectrograph:3": "OFFLINE",
    "OCPS:1": "DISABLED",
}

TELEMETRY: dict[str, Any] = {
    "ATDome.position": {
        "t": NOW,
        "data": {
            "azimuthPosition": 3.2,
            "mainDoorOpeningPercentage": 0.0,
            "dropoutDoorOpeningPercentage": 40.0,
            "azimuthEncoderPosition": 68719476735,
        },
    },
    "ATMCS.mount_AzEl_Encoders": {
        "t": NOW,
        "data": {"azimuthCalculatedAngle": [188.6, 188.7], "elevationCalculatedAngle": [39.0, 39.0]},
    },
    "ATMCS.mount_Nasmyth_Encoders": {
        "t": NOW,
        "data": {"nasmyth1CalculatedAngle": 0.0, "nasmyth2CalculatedAngle": 0.0},
    },
    "ATWhiteLight.chillerTemperatures": {
        "t": NOW,
        "data": {
            "setTemperature": 20.0,
            "supplyTemperature": 20.4,
            "returnTemperature": 22.0,
            "ambientTemperature": 9.0,
        },
    },
}
TRUTH = {
    "machines": {"homing": "HOMED"},
    "outputs": {"true_azimuth": 0.7, "slip": 2.5},
    "units": {"true_azimuth": "deg", "slip": "deg"},
}

_EVENTS: dict[str, dict[str, dict[str, Any]]] = {
    "ATDome": {
        "azimuthCommandedState": {"commandedState": 2, "azimuth": 3.0},
        "azimuthState": {"state": 1, "homed": True, "homing": False},
        "azimuthInPosition": {"inPosition": True},
        "mainDoorState": {"state": 1},
        "dropoutDoorState": {"state": 4},
        "emergencyStop": {"active": False},
    },
    "ATMCS": {
        "atMountState": {"state": 9},
        "target": {"azimuth": 188.7, "elevation": 39.0},
        "m3PortSelected": {"selected": 2},
        "allAxesInPosition": {"inPosition": True},
        "positionLimits": {
            "minimum": [5.0, -270.0, -165.0, -165.0, 0.0],
            "maximum": [86.0, 270.0, 165.0, 165.0, 180.0],
        },
    },
    "ATDomeTrajectory": {"followingMode": {"enabled": False}, "telescopeVignetted": {"vignetted": 1}},
    "ATPneumatics": {"m1CoverState": {"state": 6}},
    "ATWhiteLight": {
        "lampState": {"basicState": 2, "setPower": 910.0, "lightDetected": True, "warmupEndTime": 0.0},
        "shutterState": {"actualState": 2},
    },
    "ATSpectrograph": {
        "reportedFilterPosition": {"slot": 2, "name": "SDSSr_65mm", "band": "r"},
        "reportedDisperserPosition": {"slot": 0, "name": "empty_1"},
        "filterInPosition": {"inPosition": True},
        "disperserInPosition": {"inPosition": True},
        "reportedLinearStagePosition": {"position": 67.0},
    },
    "ATCamera": {
        "startIntegration": {
            "imageName": "AT_O_20260115_000003",
            "exposureTime": 6.0,
            "timestampAcquisitionStart": TAI + NOW - 2.5,
            "imagesInSequence": 1,
            "imageIndex": 0,
        }
    },
}


@cache
def site() -> Site:
    """Return the Auxiliary Telescope, where the weekly calibrations are at home."""
    return open_home("weekly")


def blueprint(name: str) -> Blueprint:
    """Return what a component is.

    Raises
    ------
    LookupError
        If there is none of that name.
    """
    if name not in site().truth.blueprints:
        raise LookupError(f"there is no component {name}")
    return site().truth.blueprints[name]


def role(name: str) -> Role:
    """Return a role by its name."""
    return Role(name)


def topics(name: str) -> dict[str, Any]:
    """Return what was last said by a component."""
    said = {topic: {"t": 3.0, "data": data} for topic, data in _EVENTS.get(name, {}).items()}
    return said | {key.partition(".")[2]: each for key, each in TELEMETRY.items() if key.startswith(f"{name}.")}


def explain(name: str) -> dict[str, Any]:
    """Say of each command whether it would be accepted; of the dome's moves, that they would not."""
    commands: dict[str, Any] = {
        each: {"allowed": True, "sentence": "", "guards": []} for each in blueprint(name).commands
    }
    if name == "ATDome":
        guard = {
            "condition": "homing is not HOMING",
            "truth": False,
            "because": "homing is HOMING",
            "otherwise": "azimuth is homing",
        }
        commands["moveAzimuth"] = {"allowed": False, "sentence": "ATDome: azimuth is homing", "guards": [guard]}
    return {"component": name, "t": NOW, "commands": commands}


def ack(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the last acknowledgement of a command: a refusal for the dome's moves."""
    named = {key: asked[key] for key in ("component", "command")} | {"seq": asked["id"], "timeout": 0, "final": True}
    if asked["command"] == "moveAzimuth":
        return {**named, "ack": "FAILED", "result": f"Failed: azimuth is homing {HOSTILE}"}
    return {**named, "ack": "COMPLETE", "result": "Done"}


def picture() -> bytes:
    """Return a small picture as PNG."""
    from PIL import Image

    image = Image.linear_gradient("L").resize((400, 390))
    place = io.BytesIO()
    image.save(place, "PNG")
    return place.getvalue()


def _component(name: str) -> dict[str, Any]:
    plan = blueprint(name)
    state = STATES.get(name, "ENABLED") if plan.is_csc else None
    machines = {key: chart.initial for key, chart in charts_of(plan).items() if key == "summary" or plan.published(key)}
    return {
        "state": state,
        "letter": (state or "")[:1],
        "machines": {**machines, **({"summary": state} if plan.is_csc else {})},
        "beat": NOW - 60.0 if name == "ATMonochromator" else NOW - 0.4,
        "alive": name != "ATMonochromator",
        "simulated": True,
        "is_csc": plan.is_csc,
    }


def _script(index: int, path: str, state: str, **more: Any) -> dict[str, Any]:
    script = {
        "index": index,
        "path": path,
        "standard": True,
        "config": "image_type: FLAT\nfilter: SDSSr_65mm\nexp_times: [6.0, 6.0]\n",
        "process": {"RUNNING": "RUNNING", "DONE": "DONE", "FAILED": "DONE"}.get(state, "CONFIGURED"),
        "state": state,
        "checkpoint": "",
        "passed": 0,
        "checkpoints": 0,
        "expected": 95.0,
        "started": None,
        "ended": None,
        "description": "Take images with LATISS",
        "reason": "",
        "pause": "",
        "stop": "",
        "log": [],
    }
    return script | more


def _queue() -> dict[str, Any]:
    take = "auxtel/take_image_latiss.py"
    log = [
        {"t": 1160.0, "level": "INFO", "text": "the filter is SDSSr_65mm"},
        {"t": 1170.0, "level": "WARNING", "text": "the dome says that it is homed; it is not homed again"},
    ]
    return {
        "enabled": True,
        "running": True,
        "current": _script(
            200010, take, "RUNNING", started=1150.0, checkpoint="Exposing 3 of 5", passed=3, checkpoints=5, log=log
        ),
        "waiting": [
            _script(200011, take, "CONFIGURED"),
            _script(200012, "auxtel/stop_tracking.py", "CONFIGURED", expected=5.0),
        ],
        "past": [
            _script(
                200009,
                "auxtel/prepare_for/flat.py",
                "FAILED",
                started=900.0,
                ended=1100.0,
                reason="the M1 cover did not open",
            ),
            _script(200000, "auxtel/enable_atcs.py", "DONE", started=0.0, ended=41.0),
        ],
        "available": {"standard": list(site().library.names()), "external": ["auxtel/try_this.py"]},
    }


def _image(number: int, kind: str, time: float, counts: float) -> dict[str, Any]:
    return {
        "name": f"AT_O_20260115_{number:06d}",
        "seq_num": number,
        "day_obs": 20260115,
        "type": kind,
        "exposure_time": time,
        "dark_time": time + 0.1,
        "filter": "SDSSr_65mm" if kind == "FLAT" else "empty_1",
        "grating": "empty_1",
        "reason": "",
        "program": "BLOCK-295",
        "group": "",
        "t": 1000.0 + 30.0 * number,
        "counts": counts,
    }


def _records() -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = [
        {"t": 3.0, "kind": "event", "who": "ATDome", "topic": "summaryState", "data": {"summaryState": 2}},
        {
            "t": 900.0,
            "kind": "command",
            "who": "ATDome",
            "command": "moveAzimuth",
            "data": {"azimuth": 3.0},
            "seq": 4,
            "by": "observer",
        },
        {
            "t": 900.0,
            "kind": "ack",
            "who": "ATDome",
            "command": "moveAzimuth",
            "seq": 4,
            "ack": "FAILED",
            "result": "azimuth is homing",
        },
        {"t": 930.0, "kind": "transition", "who": "ATDome", "machine": "homing", "source": "HOMING", "state": "HOMED"},
        {"t": 1000.0, "kind": "note", "who": "observer", "text": HOSTILE},
        {"t": 1100.0, "kind": "event", "who": "Electrometer:1", "topic": "summaryState", "data": {"summaryState": 3}},
        {
            "t": 1120.0,
            "kind": "event",
            "who": "ATDome",
            "topic": "logMessage",
            "data": {"level": 30, "message": "Azimuth is short"},
        },
        {"t": 1150.0, "kind": "hint", "who": "observer", "number": 1, "text": "Look at the counts of the flats."},
    ]
    return [{"n": number, **each} for number, each in enumerate(told, start=1)]


def _live(procedure: Mapping[str, Any]) -> dict[str, Any]:
    conditions = [{"condition": each, "truth": True, "because": ""} for each in procedure["preconditions"]]
    return {
        "current": procedure["steps"][6]["id"],
        "doing": None,
        "preconditions": conditions,
        "postconditions": [],
    }


def _steps(procedure: Mapping[str, Any]) -> dict[str, Any]:
    steps: dict[str, Any] = {}
    for number, step in enumerate(procedure["steps"]):
        status = "done" if number < 6 else "current" if number == 6 else "open"
        conditions = [
            {"role": "after", "condition": "ATCS is ENABLED", "truth": True, "because": ""},
            {
                "role": "after",
                "condition": "ATWhiteLight.lamp is ON",
                "truth": False,
                "because": "ATWhiteLight.lamp is WARMUP",
            },
            {
                "role": "after",
                "condition": "ATDome.azimuth within 0.5 deg of 3.0 deg",
                "truth": None,
                "because": "nobody has heard ATDome.azimuth",
            },
        ]
        steps[step["id"]] = {
            "status": status,
            "by": "you",
            "because": "",
            "conditions": conditions if number == 6 else [],
        }
    return steps


@cache
def _procedure() -> dict[str, Any]:
    return outline(Guide.of(site().procedure("weekly"), site().library), 6732.0)


def hello(who: str) -> dict[str, Any]:
    """Return the first message to a page, for a role."""
    sheet = site().sheet
    grouped = {name: list(members) for name, members in sheet.groups.items()}
    told = {each for members in grouped.values() for each in members}
    training = site().training("first_weekly")
    message: dict[str, Any] = {
        "kind": "hello",
        "protocol": 2,
        "run": "1",
        "role": who,
        "n": 8,
        "t": NOW,
        "speed": 60,
        "paused": True,
        "frozen": False,
        "ended": False,
        "observatory": {
            "name": "auxtel",
            "title": sheet.title,
            "tai_start": TAI,
            "utc_offset": -37,
            "longitude": -70.749,
            "groups": {**grouped, "others": [each for each in sheet.components if each not in told]},
        },
        "training": {
            "name": training.name,
            "number": training.number,
            "title": training.title,
            "learn": training.learn,
            "briefing": training.briefing,
            "hints": 3,
            "hints_given": 1,
            "par": 8100.0,
            "goals": [{"id": each.id, "title": each.title, "reached": None} for each in training.goals],
        },
        "procedure": _procedure(),
        "live": _live(_procedure()),
        "steps": _steps(_procedure()),
        "components": {name: _component(name) for name in sheet.components},
        "queues": {"ScriptQueue:2": _queue()},
        "images": [_image(3, "FLAT", 6.0, 7312.4), _image(2, "FLAT", 6.0, 15230.0), _image(1, "BIAS", 0.0, 1.2)],
        "records": _records(),
        "asks": [
            {
                "ask": 1,
                "question": "Is the white light on?",
                "look_at": ["aux-cam01"],
                "step": "light",
                "announce": False,
            }
        ],
    }
    if who == "instructor":
        fault = {
            "number": 1,
            "component": "ATDome",
            "fault": "encoder_slip",
            "values": {"slip": 2.5},
            "text": "slip=2.5 deg",
        }
        message["instructor"] = {
            "faults": [{**fault, "since": 700.0, "from": "instructor"}],
            "goals": [{"id": each.id, "title": each.title, "reached": each.id == "light"} for each in training.goals],
            "trainees": [{"name": "Ana", "panel": "#/images", "detail": "AT_O_20260115_000003", "since": 1100.0}],
            "hints_left": list(training.hints)[1:],
            "journal": "journals/first_weekly.jsonl",
        }
    return message


def _validate(asked: Mapping[str, Any]) -> dict[str, Any]:
    lines = asked["config"].splitlines()
    wrong = [number for number, line in enumerate(lines, start=1) if "[1" in line and "]" not in line]
    errors = [{"line": number, "column": 12, "path": "nimages", "message": "a list is not closed"} for number in wrong]
    return {"valid": not errors, "errors": errors}


_SCHEMA = "type: object\nproperties:\n  nimages:\n    type: integer\n    minimum: 1\nrequired: [nimages]\n"

ANSWERS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "explain": lambda asked: explain(asked["component"]),
    "validate": _validate,
    "schema": lambda asked: {
        "path": asked["path"],
        "schema": _SCHEMA,
        "description": "Take images with LATISS",
        "config": "nimages: 2\n",
        "checkpoints": ["Exposing 1", "Exposing 2"],
        "last_config": None,
    },
    "image": lambda asked: {
        "name": asked["name"],
        "statistics": {"mean": 7312.4, "median": 7310.0, "standard deviation": 88.1},
        "shape": [4000, 4072],
    },
    "images": lambda _: {"images": []},
    "hint": lambda _: {"number": 2, "text": "Begin with the two scripts.", "left": 1},
    "stop_all": lambda _: {"sent": ["ATPtg.stopTracking", "ATDome.stopMotion"]},
    "speed": lambda asked: {"speed": 60, "paused": asked["to"] == "pause", "frozen": False},
    "scenarios": lambda _: {
        "scenarios": [
            {
                "name": "dome_misaligned",
                "title": "The encoder has slipped",
                "procedure": "weekly",
                "faults": ["ATDome.encoder_slip"],
                "why": "",
            },
            {
                "name": "lamp_goes_out",
                "title": "The lamp goes out",
                "procedure": "weekly",
                "faults": ["ATWhiteLight.lamp_off"],
                "why": "the lamp is off",
            },
        ]
    },
    "rewind": lambda asked: {"run": "2", "took": 0.8, "journal": f"journals/branch_{asked['to']}.jsonl"},
}
