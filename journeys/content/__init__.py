"""Content for patients: pieces, their templates, their rendering for each channel, and the screen that shows them.

Nothing here decides where a patient is in a journey; the caller passes the view.
"""
