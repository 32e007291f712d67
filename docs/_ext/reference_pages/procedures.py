"""One page a procedure, from the library, and one for the observatory's blocks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from cscsim.locate import Homes
from fsm import load_document
from procedures import Library, Procedure
from procedures import library as library_package
from reference_pages.markdown import GENERATED, code, joined, prose, table, target
from reference_pages.steps import checks, tree

__all__ = ["page_name", "pages"]

KINDS = {
    "rehearsal": ("Rehearsals", "What a person follows, from the announcement to the last look."),
    "script": (
        "Scripts",
        "SAL scripts under the observatory's own paths, for a script queue or for `cscsim rehearse`.",
    ),
    "part": ("Parts", "What several scripts do; the observatory keeps it in its control classes."),
}


def pages() -> Iterator[tuple[str, str]]:
    """Yield the list of procedures, the page of each, and that of the blocks."""
    homes = Homes()
    procedures = {kind: {name: homes.of(name).library.find(name) for name in homes.names(kind)} for kind in KINDS}
    yield "reference/procedures/index.md", _index(procedures)
    yield "reference/procedures/blocks.md", _blocks(homes.of("weekly").library)
    for named in procedures.values():
        for name, procedure in named.items():
            yield f"reference/procedures/{page_name(name)}.md", "\n".join(_page(procedure))


def page_name(name: str) -> str:
    """Return a procedure's name as that of a file."""
    return name.removesuffix(".py").replace("/", ".")


def _index(procedures: Mapping[str, Mapping[str, Procedure]]) -> str:
    parts = [GENERATED, "# Procedures\n", "All that `cscsim rehearse` knows by name.\n"]
    for kind, (title, summary) in KINDS.items():
        rows = [
            (f"[{prose(name)}]({page_name(name)}.md)", prose(procedure.title))
            for name, procedure in procedures[kind].items()
        ]
        parts += [f"## {title}\n", f"{summary}\n", table(("name", "title"), rows)]
    parts.append("## Blocks\n\nWhat the Scheduler adds as one: [](blocks.md).\n")
    listed = "\n".join([*(page_name(name) for named in procedures.values() for name in named), "blocks"])
    parts.append(f"```{{toctree}}\n:hidden:\n\n{listed}\n```\n")
    return "\n".join(parts)


def _page(procedure: Procedure) -> Iterator[str]:
    yield GENERATED
    yield f"({target('procedure', procedure.name)})=\n"
    yield f"# {prose(procedure.name)}\n"
    yield f"**{prose(procedure.title)}.** {prose(procedure.overview)}\n"
    rows = [
        ("**kind**", procedure.kind),
        ("**file**", code(f"procedures/library/{procedure.file}")),
        ("**lasts about**", "" if str(procedure.duration) in ("0", "0 s") else code(procedure.duration)),
        ("**speaks with**", joined(procedure.remotes)),
        ("**begins**", _beginning(procedure)),
        ("**at home in**", code(procedure.observatory) if procedure.observatory else ""),
    ]
    yield table(("", ""), [row for row in rows if row[1]])
    if procedure.warnings:
        yield from (f":::{{warning}}\n{prose(text)}\n:::\n" for text in procedure.warnings)
    yield "## Configuration\n"
    yield configuration(procedure.config)
    if procedure.config_checks:
        yield f"It must also keep:\n\n{checks(procedure.config_checks)}"
    if procedure.preconditions:
        yield f"## Before\n\n{checks(procedure.preconditions)}"
    yield "## Steps\n"
    yield "\n".join(tree(procedure.steps)) + "\n"
    if procedure.postconditions:
        yield f"## Afterwards\n\n{checks(procedure.postconditions)}"
    if procedure.on_failure:
        yield "## On failure\n"
        yield "\n".join(tree(procedure.on_failure)) + "\n"
    if procedure.cleanup:
        yield "## Cleanup\n"
        yield "\n".join(tree(procedure.cleanup)) + "\n"
    if procedure.contingency:
        yield "## Contingency\n"
        yield "\n".join(f"- {prose(text)}" for text in procedure.contingency) + "\n"
    if procedure.sources:
        yield "## Sources\n"
        yield "\n".join(f"- {prose(source)}" for source in procedure.sources) + "\n"


def _beginning(procedure: Procedure) -> str:
    """Say how the observatory is when a rehearsal begins."""
    there = procedure.begins
    if there is None:
        return ""
    parts = [code(there.start)] if there.start else []
    parts += [f"{prose(component)} {code(state)}" for component, state in there.states.items()]
    for items in (there.machines, there.parameters):
        parts += [
            f"{prose(f'{name}.{key}')} {code(value)}" for name, item in items.items() for key, value in item.items()
        ]
    return ", ".join(parts)


def configuration(schema: Mapping[str, Any] | None) -> str:
    """Return the configuration schema of a procedure as a table."""
    properties: Mapping[str, Any] = (schema or {}).get("properties", {})
    required = (schema or {}).get("required", ())
    rows = [
        (code(key), _type(item), _default(key, item, required), prose(str(item.get("description", ""))))
        for key, item in properties.items()
    ]
    return table(("key", "type", "default", "meaning"), rows) or "It takes none.\n"


def _type(item: Mapping[str, Any]) -> str:
    if "enum" in item:
        return "one of " + joined(item["enum"])
    kinds = item.get("type") or [branch.get("type", "?") for branch in item.get("anyOf", item.get("oneOf", ()))]
    text = kinds if isinstance(kinds, str) else " or ".join(str(kind) for kind in kinds)
    return f"{text}, {item['unit']}" if "unit" in item else text


def _default(key: str, item: Mapping[str, Any], required: object) -> str:
    if "default" in item:
        return code(json.dumps(item["default"])) if item["default"] is not None else "null"
    return "*required*" if key in required else ""  # type: ignore[operator]  # a list of keys


def _blocks(library: Library) -> str:
    parts = [GENERATED, "# Blocks\n"]
    parts.append("Observing blocks as the observatory writes them: scripts with their configurations, in order.\n")
    folder = files(library_package.__package__ or "procedures").joinpath("library", "blocks")
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        block = load_document(path.read_text(encoding="utf-8"), name=path.name).data
        if not isinstance(block, dict):  # pragma: no cover  # the loader of blocks has refused it already
            raise TypeError(f"{path.name} is no block")
        scripts: Any = block["scripts"]
        rows = [
            (str(number), _script(library, str(script["name"])), code(json.dumps(script["parameters"])))
            for number, script in enumerate(scripts, start=1)
        ]
        parts += [
            f"({target('block', str(block['program']))})=\n",
            f"## {block['program']}\n",
            f"`{block['name']}`, in `procedures/library/blocks/{path.name}`.\n",
            table(("", "script", "configuration"), rows),
        ]
    return "\n".join(parts)


def _script(library: Library, name: str) -> str:
    exact = library.find(name).name
    return f"[{prose(exact)}]({page_name(exact)}.md)"
