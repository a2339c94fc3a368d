"""Releases of a journey: the catalogue, migration of patients, backtests, and the impact of a change.

Publishing and approving are in `publishing`.
"""
