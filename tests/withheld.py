"""Whether the patient was told something, or no longer: from then on a pair of twins may differ."""


def is_freed(told, before):
    """Return whether, since the told view `before`, news was told or went away, a telling was taken back, or an entry
    that was withheld waits for less.
    """
    is_taken_back = not before.told.items() <= told.told.items()
    is_told = told.told != before.told or not set(before.open) <= set(told.open)
    waits_for_less = any(not ids <= told.withheld.get(key, frozenset()) for key, ids in before.withheld.items())
    return is_taken_back or (bool(before.open) and (is_told or waits_for_less))
