"""The told view: what the patient may know, arrival by arrival (docs/fold.md, section 12)."""

from tests.reference.order import active_events, is_mark
from tests.reference.steps import Fold, track_of_news
from tests.reference.values import instant_of

OWN = ("patient", "family")


class ToldView:
    """The news of an enrollment, what told it, and what waits for it, while a log arrives."""

    def __init__(self, releases):
        self.releases = releases
        self.log = []
        self.news = {}
        self.told = {}
        self.withheld = {}

    @property
    def open_news(self):
        """The ids of the news that nothing has told."""
        return self.news.keys() - self.told.keys()

    def to_json(self, now):
        """Return the stored form, after time has passed until `now`."""
        self.pass_time(now)
        state = self.fold_view(self.visible_entries(), now).state.to_json() if self.open_news else None
        return {"news": list(self.news.values()), "told": self.told, "withheld": self.withheld, "state": state}

    def fold_truth(self, now):
        """Return the fold of all entries."""
        return Fold(self.releases, active_events(self.log)).run(now)

    def fold_view(self, entries, now):
        """Return the fold of entries that does not take what would show untold news."""
        return Fold(self.releases, active_events(entries), self.told.keys()).run(now)

    def visible_entries(self):
        """Return the entries that are not withheld."""
        return [entry for entry in self.log if self.told.keys() >= set(self.withheld.get(key_of(entry), ()))]

    def pass_time(self, now):
        """Add the news that timers have begun by `now`; return the fold of the truth."""
        truth = self.fold_truth(now)
        self.news |= {news_id: news for news_id, news in truth.news.items() if news_id not in self.news}
        return truth

    def arrive(self, entries):
        """Note what the arrival of an entry changes, or of several together."""
        entry = entries[-1]
        now = entry["arrived_at"]
        truth_before, withheld = self.pass_time(now), set() if is_by_staff(entry) else self.withheld_keys()
        was_open, tellings = bool(self.open_news), set(self.told.values())
        self.log += entries
        truth = self.fold_truth(now)
        begun = {news_id: news for news_id, news in truth.news.items() if news_id not in truth_before.news}
        if len(entries) > 1 and is_by_staff(entry) and (was_open or begun or self.undo_tellings(entries)):
            del self.log[-len(entries) :]
            for arrival in entries:
                self.arrive([arrival])
            return
        dropped = self.tell_and_drop_news(entry, truth_before, truth) if is_by_staff(entry) else set()
        for news_id, news in truth.news.items():
            if news_id not in self.news and (news_id in begun or news_id in dropped):
                self.news[news_id] = news
                self.tell_by_later_event(news_id, truth, withheld)
        awaited = set()
        if was_open or self.open_news:
            by_staff = is_by_staff(entry)
            awaited = self.awaited_by_staff(entry, truth, begun) if by_staff else self.awaited_by_own(entries)
        for arrival in entries:
            self.withhold(arrival, awaited, dropped)
        telling = undone_by(entry)
        if telling in tellings and awaited:
            self.withheld[telling] = sorted({*self.withheld.get(telling, ()), *awaited})
        is_event_of_staff = entry["entry"] == "event" and is_by_staff(entry)
        self.tell_news_of_view(now, entry if is_event_of_staff else None)

    def undo_tellings(self, entries):
        """Return whether entries retract or replace an event that told news."""
        return not {undone_by(entry) for entry in entries}.isdisjoint(self.told.values())

    def tell_and_drop_news(self, entry, truth_before, truth):
        """Tell open news, or open it again, as an entry by staff does; return the ids of the news that goes away."""
        undone = undone_by(entry)
        told_before = set(self.told)
        self.told = {news_id: uid for news_id, uid in self.told.items() if uid != undone}
        for news_id in self.open_news:
            is_told = news_id in told_before and self.tell_by_later_event(news_id, truth)
            if not is_told and entry["entry"] == "event" and not truth.state.ended:
                news = self.news[news_id]
                if tells(truth, entry, news) and not is_before(entry, news["since"]):
                    self.told[news_id] = entry["uid"]
        dropped = self.open_news & ((truth_before.news.keys() | told_before) - truth.news.keys())
        dropped |= {news_id for news_id in self.open_news if self.news[news_id]["cause"] == undone}
        self.news = {news_id: news for news_id, news in self.news.items() if news_id not in dropped}
        return dropped

    def withheld_keys(self):
        """Return the keys of the entries that are withheld."""
        told = self.told.keys()
        return {key for key, news_ids in self.withheld.items() if self.open_news and not told >= set(news_ids)}

    def tell_by_later_event(self, news_id, fold, withheld=frozenset()):
        """Note the first event of a fold that tells earlier news and is not withheld; return whether there is any."""
        if news_id not in fold.news:
            return False
        for step, (_, event) in enumerate(fold.order.events):
            is_after = step > fold.news_steps[news_id] and event["uid"] not in withheld
            if is_after and tells(fold, event, fold.news[news_id]):
                self.told[news_id] = event["uid"]
                return True
        return False

    def awaited_by_own(self, entries):
        """Return the ids of the news that entries by the family begin in the told view; the news is added."""
        if entries[-1]["by"] == "patient":
            return set()
        now = entries[-1]["arrived_at"]
        self.tell_news_of_view(now)
        visible = self.visible_entries()
        news_without = self.fold_view(visible[: -len(entries)], now).news
        news_with = self.fold_view(visible, now).news
        begun = {news_id: news for news_id, news in news_with.items() if news_id not in news_without | self.told}
        self.news |= {news_id: news for news_id, news in begun.items() if news_id not in self.news}
        return begun.keys()

    def awaited_by_staff(self, entry, truth, begun):
        """Return the ids of the news for which an entry by staff waits; `begun` is what the truth has only with it."""
        if entry["entry"] == "retraction":
            visible = [other for other in self.visible_entries() if other is not entry]
            uids = {event["uid"] for event in active_events(visible)}
            return self.open_news if entry["uid"] in uids else set()
        release = truth.order.release_at(entry)
        if entry["kind"] in ("enrolled", "migrated") or is_mark(entry) or (release and entry["type"] in release.ends):
            return set()
        tracks = {news["track"] for news in begun.values()}
        tracks |= {track_of_news(kind, name) for kind, name in truth.own_tellings.get(entry["uid"], ())}
        if tracks:
            return {news_id for news_id in self.open_news if self.news[news_id]["track"] in tracks}
        return set() if entry["uid"] in self.told.values() else self.open_news

    def withhold(self, entry, awaited, dropped):
        """Let an entry wait for news, and with it what waited for news that went away; a known key waits as before."""
        withheld = {}
        for key, news_ids in self.withheld.items():
            remaining = set(news_ids) - dropped
            withheld[key] = sorted(remaining if remaining == set(news_ids) else remaining | awaited)
        withheld.setdefault(key_of(entry), sorted(awaited))
        self.withheld = {key: news_ids for key, news_ids in withheld.items() if news_ids}

    def tell_news_of_view(self, now, arrival=None):
        """Tell what begins in the told view and is told by a later event of it, until there is none.

        Then tell open news of what an arriving event by staff tells as its own in the told view, and begin again.
        """
        while self.open_news:
            view = self.fold_view(self.visible_entries(), now)
            tellings_before = len(self.told)
            for news_id in view.news.keys() - self.told.keys():
                self.tell_by_later_event(news_id, view)
            if arrival and len(self.told) == tellings_before:
                self.tell_what_is_told_as_own(arrival, view)
            if len(self.told) == tellings_before:
                return

    def tell_what_is_told_as_own(self, arrival, view):
        """Tell open news of the states and facts of which an event tells its own news in the told view."""
        own_tellings = view.own_tellings.get(arrival["uid"], ())
        for news_id in self.open_news:
            news = self.news[news_id]
            if (news["kind"], news["name"]) in own_tellings and not is_before(arrival, news["since"]):
                self.told[news_id] = arrival["uid"]


def by_arrival(log):
    """Return the entries of a log in lists: those that arrived together are in one list."""
    lists = []
    for entry in log:
        if entry.get("together"):
            lists[-1].append(entry)
        else:
            lists.append([entry])
    return lists


def is_by_staff(entry):
    """Return whether an entry is neither by the patient nor by the family."""
    return entry["by"] not in OWN


def undone_by(entry):
    """Return the uid of the event that an entry retracts or replaces, or None."""
    return entry["uid"] if entry["entry"] == "retraction" else entry["replaces"]


def key_of(entry):
    """Return the key of an entry in `withheld`."""
    return f"{entry['reporter']} {entry['uid']}" if entry["entry"] == "retraction" else entry["uid"]


def tells(fold, event, news):
    """Return whether an event of a fold tells news."""
    by_trigger = event["kind"] == "reported" and event["type"] == news["until"]
    is_own = (news["kind"], news["name"]) in fold.own_tellings.get(event["uid"], ())
    return is_by_staff(event) and event["uid"] not in fold.uids_after_end and (by_trigger or is_own)


def is_before(event, since):
    """Return whether an event happened before a time; where either is a day, on an earlier day."""
    begins = instant_of(since)
    if event["day"] or len(since) == 10:
        return event["occurred_at"].date() < begins.date()
    return event["occurred_at"] < begins


def told_view(releases, log, now):
    """Return the stored form of the told view after a log has arrived; `releases` are `Release` values by name."""
    view = ToldView(releases)
    for entries in by_arrival(log):
        view.arrive(entries)
    return view.to_json(now)
