"""Measurements against limits taken in the same run, one module a row; `make bench` runs them, nothing imports them."""
