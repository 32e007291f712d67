"""`cscsim asyncapi`: what may be said to an observatory over MQTT, and what it says, as an AsyncAPI 3 document."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

__all__ = ["command"]

_WIDTH = 120
_NUMBER = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)[eE][-+]?\d+|0o[0-7]+")
"""Texts that readers of YAML 1.2 take for numbers, while PyYAML, which knows YAML 1.1, sees no need of quotes."""


@click.command(name="asyncapi", short_help="write an observatory's MQTT interface as an AsyncAPI document")
@click.argument("observatory", metavar="[OBSERVATORY]", default="auxtel")
@click.option("--component", "components", metavar="NAME", multiple=True, help="only this one; may be repeated")
@click.option(
    "--format", "form", type=click.Choice(("yaml", "json")), default="yaml", show_default=True, help="its format"
)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="write to a file, not the terminal",
)
def command(observatory: str, components: tuple[str, ...], form: str, output: Path | None) -> None:
    """Write the MQTT interface of OBSERVATORY, a name or a file, as an AsyncAPI 3 document.

    Every topic with its payload: commands, acknowledgements, events, telemetry, faults.
    """
    from csc.bus.mqtt.asyncapi import asyncapi_document
    from cscsim.locate import open_site
    from fsm import AuthorError

    text = _FORMS[form](asyncapi_document(open_site(observatory).sheet, components=components))
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise AuthorError(f"cannot be written: {error.strerror}", file=str(output)) from error


def _as_yaml(document: Mapping[str, Any]) -> str:
    import yaml

    class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # found by name
        """Writes texts of many lines as such, and everything where it stands."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def write_text(dumper: Any, text: str) -> Any:
        style = "|" if "\n" in text else "'" if _NUMBER.fullmatch(text) else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    Dumper.add_representer(str, write_text)
    written: str = yaml.dump(
        dict(document), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH, default_flow_style=None
    )
    return written


def _as_json(document: Mapping[str, Any]) -> str:
    import orjson

    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


_FORMS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {"yaml": _as_yaml, "json": _as_json}
