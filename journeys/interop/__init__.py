"""Formats of other systems, read into events: FHIR bundles by the mapping that a journey declares.

Nothing here stores or sends; the shell does.
"""
