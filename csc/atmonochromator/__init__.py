"""The monochromator of the Auxiliary Telescope's calibration system."""
