"""Calibration science as LSST pipeline tasks: knows no component and no procedure."""
