"""The pytest plugin, seen from outside: whole runs of pytest on tests that users might write."""
