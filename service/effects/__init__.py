"""What steps ask of the outside: tasks for people, reminders to send, and the record of what was shown.

Sending belongs here; deciding what to send is the engine's.
"""
