"""The fiber spectrographs that watch the calibration light."""
