"""What can be said of a release without a patient: its paths, its properties, and how it differs from another.

Nothing here judges an author's files; that is `authoring`.
"""
