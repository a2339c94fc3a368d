"""Which events of a log count, and in which order they apply (docs/fold.md, section 1)."""

#: The events of every journey: marks of a piece, of a question (`seen` is both) or of a topic, and the one that brings
#: answers.
MARKS = ("seen", "dismissed", "helpful")
QUESTION_MARKS = ("seen", "later")
TOPIC_MARKS = ("topic_asked", "topic_declined")
ANSWERED = "answered"


def active_events(log):
    """Return the events of a log that are neither retracted nor replaced."""
    retracted = {entry["uid"] for entry in log if entry["entry"] == "retraction"}
    events = [entry for entry in log if entry["entry"] == "event"]
    replacements = {}
    for event in events:
        replacements.setdefault(event["replaces"], []).append(event["uid"])

    def is_replaced(uid):
        return any(other not in retracted or is_replaced(other) for other in replacements.get(uid, ()))

    return [event for event in events if event["uid"] not in retracted and not is_replaced(event["uid"])]


def is_mark(event):
    """Return whether an event is what the patient says of a piece, a question or a topic."""
    return event["kind"] == "reported" and event["type"] in {*MARKS, *QUESTION_MARKS, *TOPIC_MARKS}


def survey_of(event):
    """Return the survey that an event answers, or None."""
    is_answer = event["kind"] == "reported" and event["type"] == ANSWERED
    return event["data"].get("question") if is_answer else None


def is_by_day(event):
    """Return whether an event applies after the instants of its day."""
    return event["day"] and event["kind"] != "enrolled"


class Order:
    """The order of active events: their keys, and the release in force at each."""

    def __init__(self, events, releases):
        #: The `enrolled` event, or None.
        self.enrolling = next((event for event in events if event["kind"] == "enrolled"), None)
        self.releases = releases
        self.last_instants = {}
        for event in events:
            if not event["day"] and not is_mark(event):
                date, instant = event["occurred_at"].date(), event["occurred_at"]
                self.last_instants[date] = max(self.last_instants.get(date, instant), instant)
        self.migrations = sorted(
            (self.instant_of(event), event["uid"], event["data"]["to"])
            for event in events
            if event["kind"] == "migrated"
        )
        #: Each event with its key, in order.
        self.events = sorted(((self.key_of(event), event) for event in events), key=lambda item: item[0])

    def instant_of(self, event):
        """Return the instant at which an event applies."""
        instant = event["occurred_at"]
        return max(instant, self.last_instants.get(instant.date(), instant)) if is_by_day(event) else instant

    def release_at(self, event):
        """Return the release in force at an event that is not a migration, or None without an `enrolled` event."""
        if self.enrolling is None:
            return None
        instant, by_day = self.instant_of(event), is_by_day(event)
        name = self.enrolling["data"]["release"]
        for migrated_at, _, target in self.migrations:
            if migrated_at < instant or (by_day and migrated_at == instant):
                name = target
        return self.releases[name]

    def key_of(self, event):
        """Return the key by which an event is ordered: instant, group, sequence, rank, reporter and id."""
        instant = self.instant_of(event)
        if event["kind"] == "migrated":
            return instant, 1, 0, 0, event["uid"], event["id"]
        release = self.release_at(event)
        group, rank = group_of(event, release), rank_of(event, release)
        return instant, group, event["sequence"], rank, event["reporter"], event["id"]


def group_of(event, release):
    """Return the group of an event that is not a migration."""
    if not is_by_day(event):
        return 0
    if event["kind"] == "reported" and release is not None:
        if event["type"] in release.ends:
            return 4
        if event["type"] in release.tellings:
            return 3
    return 2


def rank_of(event, release):
    """Return the rank of an event that is not a migration: the place of its trigger in the definition."""
    if event["kind"] == "enrolled":
        return -1
    if release is None:
        return 0
    last = len(release.ranks)
    return release.ranks.get(event["type"], last) if event["kind"] == "reported" else last
