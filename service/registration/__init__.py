"""Joining a programme by oneself, at `/join/<programme>`: pages without JavaScript, drafts, codes, and counters.

Nothing is an enrollment before the last step, and nothing here says whether an address is a patient's.
"""
