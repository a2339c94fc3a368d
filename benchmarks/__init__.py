"""Benchmarks against limits measured in the same run, one module for each row; only `make bench` runs them."""
