"""ATPneumatics: air, mirror covers and vents of the Auxiliary Telescope."""
