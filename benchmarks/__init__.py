"""Measurements, side by side with peers in one run; never a timed unit test.

``python -m benchmarks [NAME ...]`` runs each measurement in processes of its own, several times, interleaved,
and prints medians and ratios. The machine's noise is in the ranges.
"""
