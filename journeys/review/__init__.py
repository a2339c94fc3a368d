"""Review: annotated pages, all renderings, the review pack of a release and the impact of a change. Pure.

It uses no clock and no database: it takes values and returns values and documents.
"""
