"""`cscsim raws`: raw images that LATISS might have taken, for a repository to begin with."""

from __future__ import annotations

import time
from pathlib import Path

import click

__all__ = ["command"]

_HELP = """\
Write the raw images of PLAN into the folder DIR, as the camera writes them.

A plan says what is taken on which day, under which numbers: biases, darks, flats, ramps, star fields and the sky. It is
one of those that cscsim brings along, or a YAML file. Images are rendered from exposures alone, no observatory is
rehearsed; the same plan, scale and seed always give the same pixels.

Images that are in DIR already are left alone: what was interrupted goes on with the same command.

\b
  cscsim raws guide raw                  what the guide to calibrations needs, at full size
  cscsim raws guide_small raw            the same, fewer and smaller
  cscsim raws my_plan.yaml raw --scale 0.25 --workers 2

Exit code: 0 all are there, 1 some could not be written, 2 bad input."""


@click.command(name="raws", help=_HELP, short_help="write the raw images of a plan")
@click.argument("plan")
@click.argument("folder", metavar="DIR")
@click.option("--scale", type=float, metavar="S", help="side of the images, 1 at full size; by default the plan's own")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="processes; by default one for each core")
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, metavar="N", help="of everything random"
)
def command(plan: str, folder: str, scale: float | None, workers: int | None, seed: int) -> None:
    """Read the plan, write what is missing, say what there is."""
    from cscsim.executing import cores
    from cscsim.raws_plan import read_plan
    from cscsim.raws_writing import write_all
    from cscsim.style import duration

    began = time.perf_counter()
    planned = read_plan(plan)
    size = planned.scale if scale is None else scale
    written = write_all(planned.shots(seed), Path(folder), scale=size, seed=seed, workers=workers or cores())
    before = f", {written.before} of them were there" if written.before else ""
    click.echo(
        f"{folder}: {written.new + written.before} raw images at scale {size:g}, {written.size / 1e9:.2f} GB{before}; "
        f"{duration(time.perf_counter() - began)}"
    )
