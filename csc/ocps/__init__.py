"""The pipeline service of the observatory: jobs that process images."""
