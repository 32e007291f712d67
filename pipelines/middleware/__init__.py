"""What joins the calibration science to a butler: instruments, files, headers, repositories, commands.

`translate` and the two modules of FITS files know no butler; `instrument`, `formatters`, `repository` and `ingest` do.
"""
