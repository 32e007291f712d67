"""`cscsim diff`: where two journals first part."""

from __future__ import annotations

from pathlib import Path

import click

from cscsim.errors import NOT_PASSED

__all__ = ["command"]

_HELP = """\
Compare two journals, and say where they first part.

A and B are files that `cscsim rehearse --journal` has written. Circumstances that differ, such as the seed, are told
and do not count: what is compared is what happened.

\b
  cscsim diff monday.jsonl tuesday.jsonl

Exit code: 0 the same happened, 1 they part, 2 bad input."""


@click.command(name="diff", help=_HELP, short_help="tell where two journals part")
@click.argument("first", metavar="A", type=click.Path(path_type=Path))
@click.argument("second", metavar="B", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def command(first: Path, second: Path, as_json: bool) -> None:
    """Compare and report."""
    from cscsim.difference_page import difference_page
    from cscsim.style import console_for, write
    from procedures.replay import compare_journals

    found = compare_journals(first, second)
    if as_json:
        import orjson

        click.echo(orjson.dumps(found.as_data()))
    else:
        names = (first.name, second.name) if first.name != second.name else (str(first), str(second))
        write(console_for(), difference_page(found, *names))
    if found.number is not None:
        raise SystemExit(NOT_PASSED)
