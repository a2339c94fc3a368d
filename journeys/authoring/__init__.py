"""Tools for authors: lint, stories, readability, the diagram, patterns, and the JSON Schema of their files.

Nothing here is needed to serve a patient.
"""
