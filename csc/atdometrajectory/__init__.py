"""ATDomeTrajectory: lets the dome follow the telescope."""
