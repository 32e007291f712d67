"""The reference of the extension: every option, part, role and value is on its page."""

from __future__ import annotations

import re

from cscsim.sphinx import component, domain, procedure, state_diagram
from tests.docs.blocks import DOCS

PAGE = (DOCS / "reference" / "sphinx-extension.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def told(section: str) -> set[str]:
    return set(re.findall(r"`([a-z:_-]+)`", SECTIONS[section]))


def test_every_option_is_told():
    assert set(state_diagram.StateDiagramDirective.option_spec) <= told("state-diagram")
    assert set(component.ComponentDirective.option_spec) <= told("component")


def test_every_part_is_told():
    assert set(component.PARTS) <= told("component")
    assert set(procedure.PARTS) <= told("procedure")


def test_every_role_is_told():
    assert {f"csc:{kind}" for kind in domain.CscDomain.object_types} == {
        each for each in told("Roles") if each.startswith("csc:")
    }
