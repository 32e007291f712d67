"""The active optics of the Auxiliary Telescope."""
