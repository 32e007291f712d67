"""`cscsim debrief` as a person or a course uses it, and the pages that it writes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cscsim.debrief_pictures import choose_shots
from cscsim.debrief_timeline import timeline_svg
from cscsim.debriefed import open_journal
from cscsim.locate import known, open_site
from cscsim.pictures.shots import Shot
from procedures.training import Note
from tests.cscsim.cli import DATA, LIGHT, SMALL, call
from tests.procedures.training.good_trainees import GOOD
from tests.procedures.training.trainee import hold_session

SCRIPT = "<script>alert('x')</script>"


async def acts(trainee):
    trainee.session.act(Note(text=SCRIPT))
    trainee.session.hint()
    await GOOD["faint_flats"](trainee)


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    path = tmp_path_factory.mktemp("journals") / "session.jsonl"
    hold_session("faint_flats", acts, journal=path)
    return path


@pytest.fixture(scope="module")
def page(session):
    report = session.parent / "debrief.html"
    result = call("debrief", str(session), "--report", str(report))
    assert result.exit_code == 0, result.output
    return report.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def light(tmp_path_factory):
    path = tmp_path_factory.mktemp("journals") / "light.jsonl"
    assert call("rehearse", LIGHT, *SMALL, "--yes", "--seed", "1", "--journal", str(path)).exit_code == 0
    return path


def debrief(*arguments):
    return call("debrief", *map(str, arguments))


def data(*arguments):
    result = debrief(*arguments, "--json", "-")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_session_is_told_with_its_score(session):
    result = debrief(session)

    assert result.exit_code == 0
    assert "Score" in result.stdout
    assert re.search(r"goals reached\s+4 of 4", result.stdout)
    assert "time to notice: the encoder of the dome" in result.stdout
    assert re.search(r"hints used\s+1", result.stdout)
    assert "What the guide would have done (weekly)" in result.stdout
    assert "homeAzimuth, with the dome off the home switch" in result.stdout


def test_a_run_of_its_own_procedure_file_and_observatory_is_told_without_a_score(light):
    result = debrief(light)

    assert result.exit_code == 0
    assert "Score" not in result.stdout
    assert "Passed after 15 min" in result.stdout
    assert "What the guide would have done (light)" in result.stdout


def test_any_journal_can_be_held_against_a_training(tmp_path):
    path = tmp_path / "weekly.jsonl"
    call("rehearse", "misalignment", "--yes", "--fault", "ATDome.encoder_slip:slip=2.5deg", "--journal", str(path))

    score = data(path, "--training", "faint_flats")["score"]

    assert score["goals"][0]["reached"] is None
    assert score["causes"][0]["noticed"]["text"] == "adds auxtel/atdome/home_dome.py to ScriptQueue:2"
    assert score["figures"][0]["because"] == "the journal is of no training session, which would say it"


def test_data_for_a_course(session):
    told = data(session)

    assert told["score"]["training"] == "faint_flats"
    assert {figure["name"]: figure["value"] for figure in told["score"]["figures"]}["hints used"] == 1
    assert [round(shot["counts_adu"], -3) for shot in told["shots"]] == [2000.0, 29000.0]
    assert told["score"]["goals"][0]["deed"]["n"] in [each["n"] for each in told["goals"]]


def test_data_may_go_to_a_file(session, tmp_path):
    path = tmp_path / "debrief.json"

    result = debrief(session, "--json", path)

    assert result.stdout == f"wrote {path}\n"
    assert json.loads(path.read_bytes())["outcome"] == "passed"


def test_the_page_stands_alone(page):
    assert not re.findall(r'(?:src|href)="(?!#|data:)', page)
    assert "url(" not in page
    assert "@import" not in page
    assert "http" not in page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "<script" not in page


def test_words_of_people_are_words_on_the_page(page):
    assert "&lt;script&gt;alert(" in page


def test_the_page_shows_the_images_with_their_light(page):
    assert page.count('<img src="data:image/png;base64,') == 2
    assert "1 510 adu" in page
    assert "29 065 adu" in page


def test_the_page_can_be_printed_and_read_in_the_dark(page):
    assert "@media print" in page
    assert "@media (prefers-color-scheme: dark)" in page


def test_every_link_of_the_timeline_leads_to_a_line(page):
    links = set(re.findall(r'href="#(n\d+)"', page))

    assert links
    assert links <= set(re.findall(r'<tr id="(n\d+)"', page))


def test_the_timeline_is_svg_with_words_for_every_mark(session):
    found = open_journal(session)

    drawing = ElementTree.fromstring(timeline_svg(found.debrief))

    space = "{http://www.w3.org/2000/svg}"
    marks = [*drawing.iter(f"{space}a"), *drawing.iter(f"{space}g")]
    assert len(marks) > 20
    assert all(mark.findtext(f"{space}title") for mark in marks)
    lanes = [each.text for each in drawing.iter(f"{space}text") if each.get("class") == "lane"]
    assert lanes == ["people", "scripts", "faults", "states", "transitions", "goals", "images"]


def test_pictures_may_be_left_out(session, tmp_path):
    report = tmp_path / "debrief.html"

    assert debrief(session, "--report", report, "--no-pictures").exit_code == 0

    assert "<img" not in report.read_text(encoding="utf-8")
    assert "29 065 adu" in report.read_text(encoding="utf-8")


@pytest.mark.parametrize("part", [0.6, 0.01])
def test_a_journal_that_was_cut_is_told_as_far_as_it_goes(session, tmp_path, part):
    path = tmp_path / "cut.jsonl"
    path.write_bytes(session.read_bytes()[: int(session.stat().st_size * part)])
    report = tmp_path / "cut.html"

    assert "The journal was cut" in " ".join(debrief(path).stdout.split())
    assert debrief(path, "--report", report).exit_code == 0
    assert "The journal was cut" in report.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no record"),
        (b"{}\n", "t, n, kind, who is missing"),
        (b'{"t": 0, "n": 1, "kind": "event", "who": "x"}\n', "it begins with event, not with run"),
        (b'{"t": 0, "n": 1, "kind": "run", "who": "x"}\n', "procedure, observatory"),
        (b"\x89PNG\r\n\x1a\n\n", "not a journal record"),
    ],
)
def test_what_is_no_journal_is_refused(tmp_path, content, message):
    path = tmp_path / "foreign.jsonl"
    path.write_bytes(content)

    result = debrief(path)

    assert result.exit_code == 2
    assert message in result.stderr
    assert "foreign.jsonl" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_journal_that_is_not_there(tmp_path):
    result = debrief(tmp_path / "none.jsonl")

    assert result.exit_code == 2
    assert "cannot be read: No such file or directory" in result.stderr


def test_the_journal_itself_is_not_written_over(session):
    before = session.read_bytes()

    for option in ("--report", "--json"):
        result = debrief(session, option, session)
        assert result.exit_code == 2
        assert "is the journal itself" in result.stderr

    assert session.read_bytes() == before


def test_a_training_that_there_is_not(session):
    result = debrief(session, "--training", "faint_flat")

    assert result.exit_code == 2
    assert "did you mean faint_flats?" in result.stderr


def test_a_journal_whose_training_is_not_known_any_more_is_told_without_a_score(session, tmp_path):
    path = tmp_path / "old.jsonl"
    path.write_text(session.read_text(encoding="utf-8").replace('"faint_flats"', '"long_gone"', 1), encoding="utf-8")

    result = debrief(path)

    assert result.exit_code == 0
    assert "There is no score: there is no training scenario long_gone" in " ".join(result.stdout.split())
    assert "reports ATDome.encoder_slip" in result.stdout


def test_a_journal_of_a_place_that_is_not_known_any_more_is_told_without_a_guide(light, tmp_path):
    path = tmp_path / "elsewhere.jsonl"
    path.write_bytes(light.read_bytes())
    lines = path.read_text(encoding="utf-8").replace(str(DATA), "/nowhere")
    path.write_text(lines, encoding="utf-8")

    result = debrief(path)

    assert result.exit_code == 0
    assert "The procedure is not shown" in result.stdout


def test_a_session_is_not_run_again_as_if_a_procedure_had_made_it(session):
    result = call("replay", str(session))

    assert result.exit_code == 2
    assert "somebody was trained in it (faint_flats)" in result.stderr


def test_a_page_that_cannot_be_written(session, tmp_path):
    result = debrief(session, "--report", tmp_path / "none" / "debrief.html", "--no-pictures")

    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


SHOT = Shot(
    name="AT_O_20260115_000001",
    image_type="FLAT",
    filter="SDSSr_65mm",
    grating="empty_1",
    exposure_time=6.0,
    counts=20000.0,
    saturated=False,
    reason="",
    program="",
    group_id="",
    tai=0.0,
    detectors=(0,),
)


def shots(*levels, **changes):
    return [replace(SHOT, name=f"AT_O_20260115_{n:06}", counts=level, **changes) for n, level in enumerate(levels, 1)]


def test_images_are_chosen_where_the_light_changes():
    chosen = choose_shots(shots(20000.0, 20100.0, 1500.0, 1490.0, 20000.0, 20010.0))

    assert [shot.seq_num for shot in chosen] == [1, 3, 5, 6]


def test_of_a_curve_the_first_and_the_last_are_chosen():
    assert [shot.seq_num for shot in choose_shots(shots(*range(0, 6000, 100), reason="weekly_PTC"))] == [1, 60]


def test_images_are_not_chosen_without_end():
    assert len(choose_shots(shots(*[1000.0, 20000.0] * 50))) == 24


@pytest.mark.parametrize("name", known("training"))
def test_a_training_is_shown_without_what_goes_wrong(name):
    result = call("show", name)

    assert result.exit_code == 0
    assert result.stdout.startswith(name)
    training = open_site().training(name)
    assert training.causes or not training.scenario.faults
    for cause in training.causes:
        assert cause.title not in result.stdout
        assert not cause.fault or cause.fault not in result.stdout


def test_trainings_are_listed_in_the_order_of_the_course():
    rows = json.loads(call("list", "training", "--json").stdout)

    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    assert rows[0] == rows[0] | {"name": "first_weekly", "hints": 3, "par_s": 8100.0}
    assert "encoder" not in json.dumps(rows)


def test_the_timeline_of_a_run_of_one_moment_can_be_drawn(light, tmp_path):
    path = Path(tmp_path) / "short.jsonl"
    path.write_bytes(b"".join(light.read_bytes().splitlines(keepends=True)[:3]))

    assert debrief(path, "--report", tmp_path / "short.html").exit_code == 0
