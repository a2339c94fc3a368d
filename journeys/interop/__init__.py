"""Formats of other systems, read into events by what a journey declares: FHIR bundles, and rows of tables.

Nothing here stores or sends; the shell does.
"""
