"""Walks through a journey: a made-up patient whose events a reader chooses, with the screen and messages at each step.

The reviewers' room and the authors' desk show them. Nothing is stored: a walk is a story in an address.
"""
