"""The vents of the Auxiliary Telescope's building: four gates and an extraction fan."""
