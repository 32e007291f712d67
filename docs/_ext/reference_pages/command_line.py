"""The page of the command line, from click's own description of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from cscsim.command_line import main
from cscsim.errors import BAD_INPUT, NOT_PASSED
from reference_pages.markdown import GENERATED, code, prose, table

__all__ = ["pages"]

EXIT_CODES = (
    (0, "what was asked for was done; a rehearsal has passed"),
    (NOT_PASSED, "what was begun has failed, was aborted by a person, or could not go on"),
    (BAD_INPUT, "a file or an argument is wrong, and nothing was begun"),
)


def pages() -> Iterator[tuple[str, str]]:
    """Yield the commands with their options, and the exit codes."""
    context = click.Context(main, info_name="cscsim")
    parts = [GENERATED]
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        if command is None or command.hidden:
            continue
        parts += _command(command, click.Context(command, info_name=name, parent=context), 2)
    yield "generated/commands.md", "\n".join(parts)
    yield (
        "generated/exit_codes.md",
        GENERATED + table(("code", "meaning"), [(code(number), meaning) for number, meaning in EXIT_CODES]),
    )


def _command(command: click.Command, context: click.Context, level: int) -> Iterator[str]:
    """Yield what a command is told to do, and those below it."""
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield f"{'#' * level} {context.command_path}\n"
    yield f"```text\n{usage}\n```\n"
    yield from _paragraphs(command.help or "")
    options = [each for each in command.params if isinstance(each, click.Option) and not each.hidden]
    yield table(("option", "default", "meaning"), [_option(option, context) for option in options])
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from _command(inner, click.Context(inner, info_name=name, parent=context), level + 1)


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of a help text; click marks those that keep their lines."""
    for paragraph in re.split(r"\n\s*\n", text.replace("\f", "").strip()):
        if paragraph.lstrip().startswith("\b"):
            yield "```text\n" + paragraph.replace("\b", "").strip("\n") + "\n```\n"
        else:
            yield f"{prose(paragraph)}\n"


def _option(option: click.Option, context: click.Context) -> tuple[str, str, str]:
    names = ", ".join([*option.opts, *option.secondary_opts])
    value = "" if option.is_flag or option.count else f" {option.make_metavar(context)}"
    default = option.get_default(context) if option.show_default else None
    return code(f"{names}{value}"), "" if default is None else code(default), prose(option.help)
