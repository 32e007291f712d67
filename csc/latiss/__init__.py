"""LATISS: the camera, its spectrograph, and what becomes of an image."""
