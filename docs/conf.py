"""Sphinx configuration; a warning fails the build."""

from importlib.metadata import version as installed_version

project = "cscsim"
author = "the cscsim developers"
copyright = "2026, the cscsim developers"
release = version = installed_version("cscsim")

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
nitpicky = True

html_theme = "furo"
html_title = "cscsim"
