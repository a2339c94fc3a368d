"""Messages to people and events to other systems: the channels that carry them, each behind one port.

An adapter makes one attempt and returns its outcome. Whether a message may leave is decided in `journeys.outreach`; an
adapter stores nothing, repeats nothing, and puts no address, name or text into a log, an error or an outcome.
"""
