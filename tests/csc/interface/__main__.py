"""Prints how much of the real interface is declared, with every name that is missing."""

from __future__ import annotations

import sys

from csc import load_catalogue
from tests.csc.interface.coverage import row_of, table
from tests.csc.interface.tables import exceptions
from tests.observatory_data import observatory_folder

FOLDER = observatory_folder("ts_xml")


def main() -> None:
    """Print the table."""
    if not FOLDER.is_dir():
        sys.exit(f"the observatory's own interface is not at {FOLDER}")
    plans = [plan for name, plan in load_catalogue().items() if name not in exceptions().without_xml]
    for line in table([row_of(plan, exceptions().interface(FOLDER, plan.component)) for plan in plans], all_names=True):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
