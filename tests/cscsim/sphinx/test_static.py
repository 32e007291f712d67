"""What browsers are given: files of others, unchanged."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cscsim

VENDOR = Path(cscsim.__file__).parent / "sphinx" / "static" / "cscsim" / "vendor"


def test_files_of_others_are_those_that_are_listed():
    lines = (VENDOR / "README.txt").read_text(encoding="utf-8").splitlines()[3:]
    listed = {line.split()[0]: line.split()[-1] for line in lines}
    there = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.parent != VENDOR
    }

    assert there == listed
