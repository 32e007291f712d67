"""Print what sets the variables of the pipelines' folders in a shell: `eval "$(python -m pipelines)"`."""

from __future__ import annotations

import sys

from pipelines.environment import shell_lines

if __name__ == "__main__":
    sys.stdout.write(shell_lines() + "\n")
