"""Tests mirror the packages; import their fixtures as tests.csc.rig and so on."""
