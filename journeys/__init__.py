"""The pure core: journeys declared as state machines, folded over reported events.

It may not read a clock, make up ids, draw random numbers, or use networks or databases. It reads a file only where the
caller passes its path.
"""
