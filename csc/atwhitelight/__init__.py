"""The white light of the Auxiliary Telescope's calibration system: lamp, chiller and shutter."""
