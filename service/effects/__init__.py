"""Effects of steps: tasks for people, reminders to send, and disclosures of pieces to patients.

Sending belongs here; deciding what to send is the engine's.
"""
