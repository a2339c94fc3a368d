"""Whether entries of a log wait for less than before: from then on a pair of twins may differ."""


def is_freed(told, before):
    """Return whether an entry that was withheld in the told view `before` waits for less in `told`."""
    return any(not ids <= told.withheld.get(key, frozenset()) for key, ids in before.withheld.items())
