"""Analyzes a release without patients: its paths, its properties, and its differences from another release.

Nothing here judges an author's files; `authoring` does.
"""
