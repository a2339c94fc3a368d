"""Persons: the patients of all journeys, their language, time zone, contacts and preferences.

What they allowed is in `service.permission`; what they are sent is not here.
"""
