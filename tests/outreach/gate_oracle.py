"""The gate once more, by brute force: it goes minute by minute, and shares no code with the gate. Whole minutes only.

An answer is a tuple: the name of the decision, then its values.
"""

from collections import Counter
from datetime import UTC, timedelta

MINUTE = timedelta(minutes=1)


def expected(situation, recipient, others, now):
    """Return what the gate should say."""
    if situation.message.is_answer:
        return of_answer(situation, recipient, now)
    alone = without_rank(situation, recipient, now)
    if alone[0] != "send":
        return alone
    message = situation.message
    for other in others:
        goes_first = sorted([message, other.message], key=place)[0].id == other.message.id
        if goes_first and other.message.due <= now and without_rank(other, recipient, now)[0] == "send":
            pause = timedelta() if message.is_critical else situation.limits.apart
            return "wait", min(now + max(pause, timedelta(seconds=1)), message.useful_until), "outranked"
    return alone


def place(message):
    urgency = 0 if message.is_critical else 1, message.useful_until, message.due
    return *urgency, message.order, message.piece, message.id


def of_answer(situation, recipient, now):
    """An answer asks only who, how late, how often, where and whether it is approved."""
    message, wanted = situation.message, recipient.preferences.channels
    if recipient.is_erased:
        return "final", "cleared", "erased", False
    if now >= message.useful_until:
        return "final", "expired", "too_late", False
    others = [past.at for past in same_before(message, recipient)]
    if not message.is_critical and others and now - max(others) < message.not_again:
        return "final", "suppressed", "repeated", False
    usable = [channel for channel in (*wanted, *message.channels) if channel in message.channels]
    usable = [channel for channel in usable if channel in recipient.reachable]
    if not usable:
        return "final", "suppressed", "no_contact", True
    return ("send", usable[0]) if situation.is_approved else ("wait", message.useful_until, "not_approved")


def same_before(message, recipient):
    """The attempts of other messages that said the same: a key names a piece within its journey alone."""
    same = [past for past in recipient.attempts if past.journey == message.journey and past.piece == message.piece]
    return [past for past in same if past.message != message.id]


def without_rank(situation, recipient, now):
    message = situation.message
    if recipient.is_erased:
        return "final", "cleared", "erased", False
    if situation.has_ended:
        return "final", "cleared", "ended", False
    if situation.lapse is not None:
        return "final", "cleared", situation.lapse, False
    if not now < message.useful_until:
        return "final", "expired", "too_late", False
    if now < message.due:
        return "wait", min(message.due, message.useful_until), "not_due"
    is_repeat = any(now - past.at < message.not_again for past in same_before(message, recipient))
    if is_repeat and not message.is_critical:
        return "final", "suppressed", "repeated", False
    return by_channel(situation, recipient, now)


def by_channel(situation, recipient, now):
    message, wishes = situation.message, recipient.preferences
    granted = {channel for channel in message.channels if is_granted(recipient.permissions, message, channel, now)}
    if not granted:
        return "final", "suppressed", "no_permission", False
    if message.topic is not None and message.topic in wishes.topics_off:
        return "final", "suppressed", "topic_off", False
    if wishes.paused_until is not None and now < wishes.paused_until:
        if wishes.paused_until >= message.useful_until:
            return "final", "suppressed", "paused", False
        return "wait", wishes.paused_until, "paused"
    usable = granted & recipient.reachable
    if not usable:
        return "final", "suppressed", "no_contact", True
    if not situation.is_approved:
        return "wait", message.useful_until, "not_approved"
    unordered = [channel for channel in message.channels if channel not in wishes.channels]
    return by_clock(situation, recipient, [c for c in [*wishes.channels, *unordered] if c in usable], now)


def by_clock(situation, recipient, channels, now):
    message = situation.message
    windows = [window for window in (situation.limits.quiet, recipient.preferences.quiet) if window]
    refusal = None
    for channel in channels:
        if channel in ("sms", "push"):
            if recipient.zone is None:
                refusal = "final", "suppressed", "zone_unknown", True
                continue
            loud = now
            while loud < message.useful_until and is_quiet(loud, recipient.zone, windows):
                loud += MINUTE
            if loud == message.useful_until:
                refusal = "final", "suppressed", "quiet_hours", False
                continue
            if loud > now:
                return "wait", loud, "quiet_hours"
        return paced(situation, recipient, now) or ("send", channel)
    return refusal


def is_quiet(at, zone, windows):
    """Whether the wall clock of a person lies within a window, minutes of the day counted on a circle."""
    wall = at.astimezone(zone)
    for window in windows:
        start, end = (moment.hour * 60 + moment.minute for moment in (window.start, window.end))
        if (wall.hour * 60 + wall.minute - start) % 1440 < (end - start) % 1440:
            return True
    return False


def paced(situation, recipient, now):
    message, limits = situation.message, situation.limits
    if message.is_critical:
        return None
    zone = UTC if recipient.zone is None else recipient.zone
    counts = []
    for cap in limits.caps:
        if message.purpose in cap.purposes:
            instants = [past.at for past in recipient.attempts if past.purpose in cap.purposes]
            for name, most, label in (("day_cap", cap.day, day_of), ("week_cap", cap.week, week_of)):
                if most is not None:
                    counts.append((name, most, label, Counter(label(at, zone) for at in instants)))
    last = max((past.at for past in recipient.attempts), default=None)

    def first_stop(at):
        full = (name for name, most, label, attempts in counts if attempts[label(at, zone)] >= most)
        return next(full, "apart" if last is not None and at - last < limits.apart else None)

    reason = first_stop(now)
    if reason is None:
        return None
    at = now
    while at < message.useful_until and first_stop(at):
        at += MINUTE
    return "wait", at, reason


def day_of(at, zone):
    return f"{at.astimezone(zone):%Y-%m-%d}"


def week_of(at, zone):
    return f"{at.astimezone(zone):%G-%V}"


def is_granted(entries, message, channel, now):
    """Whether the last word of the person on this purpose, channel and topic is a grant that still holds."""
    words = []
    for entry in entries:
        needs_own_grant = message.purpose in ("marketing", "measurement") or message.purpose.startswith("share:")
        if entry.purpose is None and entry.kind == "grant" and needs_own_grant:
            continue
        if entry.purpose not in (None, message.purpose) or entry.channel not in (None, channel):
            continue
        if entry.topic in (None, message.topic) and entry.occurred_at <= now:
            words.append(entry)
    latest = [word for word in words if word.occurred_at == max(other.occurred_at for other in words)]
    ends = [word.until for word in latest]
    return bool(latest) and all(w.kind == "grant" for w in latest) and all(end is None or now < end for end in ends)
