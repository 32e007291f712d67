"""What is installed from a wheel: everything that lies in the packages, the console's page and the data sheets too."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"][
    "packages"
]
BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"


@pytest.mark.slow
def test_a_wheel_carries_every_file_of_its_packages(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-c", BUILD, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )

    with zipfile.ZipFile(tmp_path / built.stdout.split()[-1]) as wheel:
        carried = {name for name in wheel.namelist() if name.split("/")[0] in PACKAGES}

    assert {name for name in carried if "__pycache__" in name} == set()
    assert carried == _files()
    assert "cscsim/console/static/index.html" in carried
    assert "cscsim/console/static/vendor/mermaid/mermaid.tiny.js" in carried


def _files() -> set[str]:
    found = (path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in found if "__pycache__" not in path.parts}
