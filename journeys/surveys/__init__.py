"""Surveys: which come in a told view, how a screen shows them, and which answers are taken, as facts or to be measured.

It knows no person and stores nothing. What is measured never reaches the engine.
"""
