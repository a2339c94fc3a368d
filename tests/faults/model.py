"""The expected stored state, by a model that shares no code with the engine: the reference fold over reported events.

The journey is `tests/samples/definitions/follow_up.yaml` written a second time, by hand.
"""

from datetime import UTC, date, datetime
from functools import partial

from sqlalchemy import select

from journeys.engine import advance
from journeys.primitives.canonical import canonical, event_uid
from service.enrollments.store import enrollments, log
from service.platform.database.tables import events
from tests.reference import fold as reference

SUSPICIOUS = ("==", "scan_result", "suspicious")
AFTER_A_RESULT = [
    {"when": SUSPICIOUS, "to": "recurrence"},
    {"when": None, "to": "surveillance.next_scan_later", "otherwise": True},
]
FOLLOW_UP = {
    "facts": {
        "last_scan_on": {"type": "date"},
        "scan_result": {"type": "choice", "values": ["clear", "unclear", "suspicious"]},
        "smokes": {"type": "boolean"},
        "pack_years": {"type": "integer", "min": 0, "max": 200},
        "stage_group": {"type": "choice", "values": [{"I": ["IA", "IB"]}, "II"]},
        "stage_edition": {"type": "integer", "min": 6, "max": 9},
    },
    "groups": {"stage": ["stage_group", "stage_edition"]},
    "conditions": {},
    "triggers": {
        "scan_done": {"requires": ["last_scan_on"]},
        "scan_result_reported": {"requires": ["scan_result"]},
        "recurrence_confirmed": {},
        "recurrence_discussed": {},
        "review_discussed": {},
        "answers_given": {},
        "asked_for_help": {},
    },
    "ends": {"deceased": {}, "left": {}},
    "tracks": {
        "disease": {
            "initial": "surveillance",
            "states": {
                "surveillance": {
                    "initial": "next_scan_later",
                    "on": {
                        "scan_done": [{"to": "surveillance.waiting_for_result"}],
                        "recurrence_confirmed": [{"to": "recurrence"}],
                    },
                    "states": {
                        "next_scan_later": {
                            "after": [
                                {
                                    "name": "to scan_due P6M from last_scan_on",
                                    "delay": "P6M",
                                    "from": "last_scan_on",
                                    "to": "surveillance.scan_due",
                                }
                            ]
                        },
                        "scan_due": {
                            "after": [
                                {"name": "remind scan-reminder P14D", "delay": "P14D", "remind": "scan-reminder"},
                                {
                                    "name": "task Follow-up scan overdue P30D",
                                    "delay": "P30D",
                                    "task": {"closed_by": ["scan_done"]},
                                },
                            ]
                        },
                        "waiting_for_result": {
                            "on": {"scan_result_reported": AFTER_A_RESULT},
                            "after": [
                                {"name": "to under_review P6W", "delay": "P6W", "to": "surveillance.under_review"}
                            ],
                        },
                        "under_review": {
                            "hold_until": {"trigger": "review_discussed"},
                            "on": {"scan_result_reported": AFTER_A_RESULT},
                        },
                    },
                },
                "recurrence": {
                    "hold_until": {"trigger": "recurrence_discussed"},
                    "on": {"recurrence_discussed": [{"to": "stay"}]},
                },
            },
        },
        "support": {
            "initial": "managing",
            "states": {
                "managing": {
                    "on": {
                        "asked_for_help": [{"to": "needs_help"}],
                        "answers_given": [
                            {"when": ("and", ("true", "smokes"), (">=", "pack_years", 20)), "to": "needs_help"},
                            {"when": None, "to": "stay", "otherwise": True},
                        ],
                    },
                },
                "needs_help": {"task": {"closed_by": []}, "on": {"asked_for_help": [{"to": "stay"}]}},
            },
        },
    },
}


class Patient:
    """One enrollment as its reporters know it: the enrolling, and each acknowledged event."""

    def __init__(self, id: str, *, reporter: str, by: str, body: dict, arrived_at: datetime, release: str) -> None:
        self.id, self.release = id, release
        data = {"entry": body["at"]["entry"], "states": ["disease.surveillance"], "release": release}
        enrolled_event = {"id": "enrolled", "facts": body["facts"], "occurred_at": body["at"]["occurred_at"]}
        self.log = [self._entry(enrolled_event, reporter, by, arrived_at, "enrolled", "enrolled", data)]

    def note_event(self, body: dict, *, reporter: str, by: str, arrived_at: datetime) -> None:
        """Record an acknowledged event."""
        data = {name: body[name] for name in ("question", "until") if name in body}
        self.log.append(self._entry(body, reporter, by, arrived_at, "reported", body["type"], data))

    def note_retraction(self, event_id: str, *, reporter: str, arrived_at: datetime) -> None:
        """Record an acknowledged retraction."""
        uid = event_uid(self.id, reporter, event_id)
        by = next(entry["by"] for entry in self.log if entry["uid"] == uid)
        self.log.append({"entry": "retraction", "uid": uid, "by": by, "reporter": reporter, "arrived_at": arrived_at})

    def uid(self, event_id: str, reporter: str) -> str:
        """Return the service's id of an event."""
        return event_uid(self.id, reporter, event_id)

    def is_retracted(self, event_id: str, reporter: str) -> bool:
        """Return whether a retraction of the event is recorded."""
        uid = self.uid(event_id, reporter)
        return any(entry["entry"] == "retraction" and entry["uid"] == uid for entry in self.log)

    def has(self, event_id: str, reporter: str) -> bool:
        """Return whether an event is recorded."""
        uid = event_uid(self.id, reporter, event_id)
        return any(entry["uid"] == uid for entry in self.log)

    def state(self, now: datetime) -> bytes:
        """Return the expected stored state at `now`."""
        expected, _ = reference.fold({self.release: FOLLOW_UP}, self.log, now)
        return reference.canonical(expected)

    def _entry(self, body, reporter, by, arrived_at, kind, name, data):
        at, day = instant(body["occurred_at"])
        if at > arrived_at:  # a time slightly ahead counts as the arrival
            at, day = arrived_at, False
        replaces = body.get("replaces")
        return {
            "entry": "event",
            "uid": event_uid(self.id, reporter, body["id"]),
            "reporter": reporter,
            "by": by,
            "id": body["id"],
            "kind": kind,
            "type": name,
            "occurred_at": at,
            "arrived_at": arrived_at,
            "day": day,
            "sequence": body.get("sequence", 0),
            "facts": body.get("facts", {}),
            "told": body.get("told", False),
            "replaces": event_uid(self.id, reporter, replaces) if replaces else None,
            "data": data,
        }


def instant(text: str) -> tuple[datetime, bool]:
    """Return the instant of a sent time, and whether it is a whole day."""
    if len(text) == 10:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC), True
    return datetime.fromisoformat(text), False


def stored_state(service, enrollment: str, now: datetime) -> bytes:
    """Return the stored state, advanced to `now`."""
    with service.database.reading() as connection:
        stored = enrollments.load(connection, enrollment)
        releases = service.library.releases(connection)
        arrivals = [entry.arrival for entry in log.read_log(connection, enrollment)]
        step = advance(releases, stored.enrollment, partial(list, arrivals), [], now)
    return canonical(step.enrollment.state.to_stored())


def ids_stored(service, enrollment: str) -> list[str]:
    """Return the reporters' ids of the events in the log in order of arrival, without the enrolling."""
    with service.database.reading() as connection:
        rows = connection.execute(
            select(events.c.external_id)
            .where(events.c.enrollment == enrollment, events.c.entry == "event", events.c.position > 0)
            .order_by(events.c.position)
        )
        return list(rows.scalars())
