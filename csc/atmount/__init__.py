"""The mount of the Auxiliary Telescope (ATMCS) and its pointing component (ATPtg)."""
