"""Cameras, observatories, scenarios and campaigns as YAML files; there is no code here."""
