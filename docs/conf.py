"""Sphinx configuration; a warning fails the build."""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "cscsim"
author = "the cscsim developers"
copyright = "2026, the cscsim developers"
release = version = installed_version("cscsim")

extensions = ["myst_parser", "cscsim.sphinx", "reference_pages"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "_static", "generated"]  # what is generated is included by other pages
nitpicky = True
smartquotes = False  # they would turn --yes into a dash and yes

html_theme = "furo"
html_title = "cscsim"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_copy_source = False
html_show_sourcelink = False
