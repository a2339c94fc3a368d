"""When a message may leave for a person: local time, quiet hours, and the gate before every send. Pure.

It sends nothing and reads no clock: instants and zones are handed in.
"""

from journeys.outreach.local_time import QuietHours, first_at, first_of_next_day, is_same_day, is_same_week

__all__ = ["QuietHours", "first_at", "first_of_next_day", "is_same_day", "is_same_week"]
