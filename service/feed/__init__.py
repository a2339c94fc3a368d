"""The feed of events about enrollments for other systems: published from the told view, read, and delivered.

Nothing of it depends on what the patient was not told. It opens no task and changes no enrollment.
"""
