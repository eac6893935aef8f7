"""Benchmarks of the whole city."""
