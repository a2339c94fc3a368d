"""What people answered to surveys: kept apart from the log, with permission only, and counted for the programme.

It knows no enrollment and no screen.
"""
