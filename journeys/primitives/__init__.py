"""Values that every wing uses: canonical bytes, durations, errors, problems, graphs.

Nothing here knows about journeys; code that does belongs in `definition` or above.
"""
