"""Values that every wing uses: canonical bytes, durations, errors, problems, graphs.

Nothing here knows what a journey is; what does belongs in `definition` or above.
"""
