"""The Scheduler, as far as observing blocks go."""
