"""ATDome: the dome of the Auxiliary Telescope."""
