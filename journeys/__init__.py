"""The pure core: journeys declared as state machines, folded over reported events.

It may not read a clock, make up ids, draw random numbers, or touch files, networks or databases,
save where a function is handed a path or text by its caller.
"""
