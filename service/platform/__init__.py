"""The ground of every feature: clock, configuration, errors, logs, metrics, server, database.

Nothing here knows a journey, a patient or a route.
"""
