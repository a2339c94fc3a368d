"""When a message may leave for a person: local time, quiet hours, the occasions of pieces that send themselves, the
gate before every send, and its simulation. Pure.

It sends nothing and reads no clock: instants and zones are handed in.
"""
