"""A Sphinx extension: components, procedures and their diagrams on a page, from the files that run.

::

    data sheet, procedure --directive--> docutils nodes --builder--> HTML, PDF, text, man page
                              |
                              +--> domain csc: what roles, the index and other projects can link to

Three directives, `state-diagram`, `component` and `procedure`, and the domain `csc`. Sphinx is an extra
(``pip install cscsim[sphinx]``); nothing else of cscsim imports this package.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.config import Config

__all__ = ["setup"]

_STATIC = Path(__file__).parent / "static"


def setup(app: Sphinx) -> dict[str, Any]:
    """Add directives, domain, nodes, configuration and what browsers need."""
    from cscsim.sphinx.component import ComponentDirective
    from cscsim.sphinx.domain import CscDomain, explain_missing
    from cscsim.sphinx.html import add_elements
    from cscsim.sphinx.procedure import ProcedureDirective
    from cscsim.sphinx.state_diagram import StateDiagramDirective

    app.add_config_value("cscsim_diagrams", "mermaid", "env", types=frozenset({str}))
    app.add_domain(CscDomain)
    for name, directive in (
        ("component", ComponentDirective),
        ("procedure", ProcedureDirective),
        ("state-diagram", StateDiagramDirective),
    ):
        app.add_directive(name, directive)
        app.add_directive_to_domain("csc", name, directive)  # for projects in which the short name is taken
    add_elements(app)
    app.connect("config-inited", _check)
    app.connect("builder-inited", _add_static)
    app.connect("html-page-context", _add_script)
    app.connect("warn-missing-reference", explain_missing)
    app.add_css_file("cscsim/pages.css")
    return {"version": _version(), "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}


def _version() -> str:
    from importlib.metadata import version

    return version("cscsim")


def _check(app: Sphinx, config: Config) -> None:
    from sphinx.errors import ConfigError

    from cscsim.sphinx.page import check_form
    from fsm import AuthorError

    try:
        check_form(config.cscsim_diagrams)
    except AuthorError as error:
        raise ConfigError(f"cscsim_diagrams: {error}") from error


def _add_static(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.config.html_static_path.append(str(_STATIC))


def _add_script(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: nodes.document | None) -> None:
    """Give the script that draws diagrams to those pages that have one."""
    from cscsim.sphinx.elements import diagram

    if tree is not None and next(iter(tree.findall(diagram)), None) is not None:
        app.add_js_file("cscsim/diagrams.js", loading_method="defer")
