from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipelines import repositories


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository without images; to be copied, not used."""
    return repositories.create(tmp_path_factory.mktemp("template") / "repo")


@pytest.fixture
def repository(template: Path, tmp_path: Path) -> Path:
    """A repository of one's own, without images."""
    return repositories.copied(template, tmp_path / "repo")
