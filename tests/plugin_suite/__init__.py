"""Tests as a user of cscsim writes them: nothing is used but the fixtures and marks of the pytest plugin."""
