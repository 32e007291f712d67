"""The calibration science as tasks of a pipeline: each reads, calls one function, and writes.

Labels and data sets are those of the observatory's pipelines of 2021; the pipeline files put the tasks together.
"""

from multiprocessing import set_forkserver_preload

# `pipetask run -j 2 --start-method forkserver` begins a process for each quantum. It copies one that has this loaded,
# and so begins at once; without it, and with the other start method, it is two seconds before any work is done.
set_forkserver_preload(["pipelines.tasks.loaded"])
