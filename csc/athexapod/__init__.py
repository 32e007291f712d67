"""The hexapod that carries the secondary mirror of the Auxiliary Telescope."""
