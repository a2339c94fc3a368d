"""What other systems learn of an enrollment: the events that follow from its told view, as CloudEvents. Pure.

It knows no person, no permission and no address.
"""
