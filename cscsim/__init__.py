"""The faces people touch: command line, web console, Sphinx extension, pytest plugin."""
