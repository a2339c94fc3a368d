"""Enrollments: enrolling, reporting, reading, explaining, the screen, and firing timers.

Each use case loads, calls the core and stores, in one transaction.
"""
