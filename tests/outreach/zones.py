"""Ten time zones with every kind of clock change, and the minutes in which their clocks change."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
ZONES = (
    *("America/New_York", "Europe/Madrid", "Australia/Lord_Howe", "Pacific/Apia", "Antarctica/Troll"),
    *("Asia/Kathmandu", "Africa/Casablanca", "America/St_Johns", "Pacific/Kiritimati", "America/Santiago"),
)


@lru_cache
def changes(zone):
    """Return the minutes in which the offset of a zone changes, from 2011, when Apia lost a day."""
    minutes = []
    for year in (2011, 2012, 2026, 2027):
        at = datetime(year, 1, 1, tzinfo=UTC)
        while at.year == year:
            later = at + timedelta(hours=6)
            before = at.astimezone(ZoneInfo(zone)).utcoffset()
            if before != later.astimezone(ZoneInfo(zone)).utcoffset():
                following = (at + number * MINUTE for number in range(361))
                minutes.append(next(m for m in following if m.astimezone(ZoneInfo(zone)).utcoffset() != before))
            at = later
    return minutes or [datetime(2026, 3, 29, 1, tzinfo=UTC)]
