"""The reasons why an event moves nothing in a track, as histories store them."""

NOTHING_DECLARED = "nothing is declared for it here"
CONDITIONS_FALSE = "its conditions are false"
AFTER_THE_END = "it happened after the end"
NOT_ENROLLED = "there is no enrollment"
WAITS = "it waits for facts"
ON_PURPOSE = "it stays on purpose"
ONLY_MARKS = "it only says something of a piece"
