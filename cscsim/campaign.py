"""`cscsim campaign`: a procedure under many faults, each run judged."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cscsim.errors import NOT_PASSED, Breakdown, Complaint
from cscsim.executing import executing, where_options

if TYPE_CHECKING:
    from cscsim.campaign_plan import Plan
    from cscsim.campaign_result import Result
    from procedures.campaign import DaskCluster, ProcessPool, Store

__all__ = ["command"]

_HELP = """\
Rehearse a procedure under many faults, and judge each run: detected, recovered, harmless, silent, stuck; safe or not.

FILE is a campaign by name or path; without one, --procedure says what is rehearsed. --faults takes `all` (every fault
that a data sheet declares), components, and faults as `cscsim rehearse --fault` takes them, without a time. --at says
when: at the beginning, at the beginning of every step (`steps`: the matrix of faults and steps), at a step by its id,
or at a random moment, another for each seed.

Every run is written to a file as it comes: the same command goes on where it was interrupted, and a run is done again
only if the code or a file has changed. What is printed has, for each run, the command that does it again.

\b
  cscsim campaign --procedure weekly --faults all --report weekly.html
  cscsim campaign --procedure weekly --faults ATDome,ATWhiteLight --at steps
  cscsim campaign --procedure daily --faults ATCamera.sequencer_stops --at random --seeds 100
  cscsim campaign weekly_matrix --sample 200 --fail-on silent,unsafe,stuck
  cscsim campaign weekly_matrix --seeds 100 --dask tcp://10.0.0.1:8786

Exit code: 0 every run was judged, 1 one is as --fail-on says or it was interrupted, 2 bad input."""

_FAIL_ON = ("silent", "unsafe", "stuck", "crashed", "not_injected", "detected", "recovered", "harmless")


@click.command(name="campaign", help=_HELP, short_help="rehearse under many faults and judge each run")
@click.argument("file", required=False, metavar="[FILE]")
@click.option(
    "--procedure", "procedures", multiple=True, metavar="NAME|FILE", help="what is rehearsed; may be repeated"
)
@click.option("--faults", multiple=True, metavar="all|COMPONENT|FAULT,...", help="what goes wrong, one a run")
@click.option("--at", "at", multiple=True, metavar="beginning|steps|random|STEP,...", help="when it goes wrong")
@click.option("--seeds", type=click.IntRange(min=1), metavar="N", help="each with the seeds 1 to N")
@click.option("--sample", type=click.IntRange(min=1), metavar="N", help="take only N of the runs, at random")
@click.option("--observatory", metavar="NAME|FILE", help="where it takes place; by default where it is at home")
@click.option("--parameters", metavar="NAME|FILE", help="parameter set: summit (default), simulators or a file")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="a value of its configuration")
@where_options
@click.option(
    "--store", "store_file", metavar="FILE", help="where the runs are kept; by default under .cscsim/campaigns"
)
@click.option("--fresh", is_flag=True, help="run all again, whatever is kept")
@click.option("--fail-on", "fail_on", metavar="CLASS,...", help="exit with 1 if a run is such: silent,unsafe,stuck,...")
@click.option("--report", "report_file", metavar="FILE.html", help="write a page for people")
@click.option("--junit", "junit_file", metavar="FILE.xml", help="write a JUnit file for a build server")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def command(
    file: str | None,
    store_file: str | None,
    report_file: str | None,
    junit_file: str | None,
    fail_on: str | None,
    workers: int | None,
    dask: str | None,
    fresh: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Read the arguments, carry the campaign out, report."""
    began = time.perf_counter()
    wanted = _failures(fail_on)
    for option, name in (("--report", report_file), ("--junit", junit_file)):
        _check_writable(option, name)
    plan = _plan(file, asked)
    from cscsim.campaign_store import open_store

    with executing(workers, dask, plan.files()) as executor, open_store(plan, store_file) as store:
        result = _carry_out(plan, store, executor, fresh=fresh, began=began)
    _tell(result, as_json=as_json, report_file=report_file, junit_file=junit_file)
    if any(word == row.classification or (word == "unsafe" and row.unsafe) for row in result.rows for word in wanted):
        raise SystemExit(NOT_PASSED)


def _plan(file: str | None, asked: dict[str, Any]) -> Plan:
    from cscsim.campaign_plan import Plan, check_plan, split_faults

    if file is not None:
        from dataclasses import replace

        from cscsim.campaign_file import read_campaign

        given = [key for key, value in asked.items() if value and key != "sample"]
        if given:
            option = {"procedures": "procedure", "settings": "set"}.get(given[0], given[0])
            raise Complaint(f"cscsim campaign: --{option} is said by {file}; leave one of them out")
        plan = read_campaign(file)
        return plan if asked["sample"] is None else replace(plan, sample=asked["sample"])
    if not asked["procedures"]:
        raise Complaint("cscsim campaign: say what is rehearsed: a campaign's FILE, or --procedure; see --help")
    plan = Plan(
        name="_".join(Path(name).stem for name in asked["procedures"]),
        procedures=asked["procedures"],
        faults=tuple(each for text in asked["faults"] for each in split_faults(text)) or ("all",),
        at=tuple(each for text in asked["at"] for each in text.split(",") if each) or ("beginning",),
        seeds=tuple(range(1, (asked["seeds"] or 1) + 1)),
        sample=asked["sample"],
        observatory=asked["observatory"],
        parameter_set=asked["parameters"],
        settings=asked["settings"],
    )
    check_plan(plan, lambda key, number: None)
    return plan


def _carry_out(plan: Plan, store: Store, executor: ProcessPool | DaskCluster, *, fresh: bool, began: float) -> Result:
    from cscsim.campaign_opening import open_case
    from cscsim.campaign_plan import plan_cases
    from cscsim.campaign_progress import Progress
    from cscsim.campaign_result import Result
    from fsm import AuthorError, CscsimError
    from procedures.campaign import Campaign

    with Progress() as progress:
        campaign = Campaign(store, executor, open_case, safe_end=plan.safe_end, told=progress.step)
        baselines = plan.baselines()
        try:
            if fresh:
                store.forget(baselines)
            progress.begin("without faults", sum(1 for _ in baselines) - sum(1 for _ in store.runs(baselines)))
            campaign.run_baselines(baselines)
            cases = plan_cases(plan, lambda baseline: campaign.baselines[baseline].seconds)
            if fresh:
                store.forget(cases)
            kept, stale = sum(1 for _ in store.runs(cases)), store.stale(cases)
            progress.note(_what_is_kept(kept, stale, store))
            progress.begin("with faults", len(cases) - kept)
            rows = campaign.carry_out(cases)
        except KeyboardInterrupt:
            raise Breakdown(
                f"cscsim campaign: interrupted; what was run is in {store.path}, the same command goes on"
            ) from None
        except CscsimError as error:
            if isinstance(error, AuthorError):
                raise
            raise Breakdown(
                f"cscsim campaign: {error}; what was run is in {store.path}, the same command goes on"
            ) from error
    return Result(
        plan=plan,
        judged=rows,
        baselines=campaign.baselines,
        store=str(store.path),
        kept=kept,
        workers=executor.workers,
        wall_seconds=time.perf_counter() - began,
    )


def _what_is_kept(kept: int, stale: int, store: Store) -> str:
    if kept:
        return f"{kept} runs are in {store.path} already; --fresh runs them again"
    return f"{stale} runs in {store.path} are older than the code or a file, and are done again" if stale else ""


def _tell(result: Result, *, as_json: bool, report_file: str | None, junit_file: str | None) -> None:
    if report_file is not None:
        from cscsim.campaign_html import html_page

        Path(report_file).write_text(html_page(result), encoding="utf-8")
    if junit_file is not None:
        from cscsim.campaign_junit import junit_text

        Path(junit_file).write_text(junit_text(result), encoding="utf-8")
    if as_json:
        import orjson

        click.echo(orjson.dumps(result.as_json()))
        return
    from cscsim.campaign_page import campaign_page
    from cscsim.style import console_for, write

    write(console_for(), campaign_page(result, report_file=report_file, junit_file=junit_file))


def _failures(text: str | None) -> tuple[str, ...]:
    words = tuple(word.strip() for word in (text or "").split(",") if word.strip())
    for word in words:
        if word not in _FAIL_ON:
            from fsm import nearest

            near = nearest(word, _FAIL_ON)
            hint = f"did you mean {near}?" if near else f"there are {', '.join(_FAIL_ON)}"
            raise Complaint(f"--fail-on {word}: is no class of a run; {hint}")
    return words


def _check_writable(option: str, name: str | None) -> None:
    if name is None:
        return
    try:
        Path(name).open("ab").close()
    except OSError as error:
        raise Complaint(f"{option} {name}: cannot be written: {error.strerror}") from error
