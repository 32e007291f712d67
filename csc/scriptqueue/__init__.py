"""The script queue and the scripts that it runs."""
