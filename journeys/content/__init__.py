"""What patients read: pieces, their templates, how each channel renders them, and the screen that shows them.

Nothing here decides where a patient is in a journey; it is told.
"""
