"""What is opened by a name."""

from __future__ import annotations

from tests.cscsim.console.talking import plan_of


def test_a_rehearsal_with_the_name_of_its_observatory_is_what_is_meant():
    plan = plan_of("comcam")

    assert plan.site.sheet.observatory == "comcam"
    assert plan.procedure is not None
    assert plan.procedure.name == "comcam"
    assert plan_of("auxtel").procedure is None


def test_time_begins_where_the_procedure_does():
    plan = plan_of("prepare_for_vent")

    assert plan.sheet.tai_start - plan.site.sheet.tai_start == 7.25 * 3600.0
