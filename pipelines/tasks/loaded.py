"""Everything that a process needs to run a quantum: imported by the process that those of quanta are copies of.

See `pipelines.tasks`. Nothing here is for use.
"""

from importlib import import_module

from pipelines.middleware.rice import prepare

__all__: list[str] = []

_MODULES = (
    *(f"pipelines.tasks.{name}" for name in ("combine", "crosstalk", "dark", "defects", "flat", "fringe", "isr")),
    *(f"pipelines.tasks.{name}" for name in ("brighter_fatter", "linearity", "ptc", "sky", "verify")),
    *("pipelines.middleware.formatters", "pipelines.middleware.instrument", "astropy.io.fits", "astropy.time"),
    *("lsst.pipe.base.mp_graph_executor", "lsst.pipe.base.single_quantum_executor", "lsst.daf.butler.direct_butler"),
    *("lsst.daf.butler.datastores.chainedDatastore", "lsst.daf.butler.datastores.fileDatastore"),
    *("lsst.daf.butler.registry.databases.sqlite", "lsst.daf.butler.cli.cliLog"),
)

for _module in _MODULES:
    import_module(_module)
prepare()
