"""The calibration science as tasks of a pipeline: each reads, calls one function, and writes.

Labels and data sets are those of the observatory's pipelines of 2021; the pipeline files put the tasks together.
"""
