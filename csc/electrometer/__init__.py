"""The electrometer that reads the photodiode of the calibration system."""
