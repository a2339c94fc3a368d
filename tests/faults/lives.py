"""A patient with the same ids and the same clock as another, and what must hold in each of these lives."""

from dataclasses import dataclass, field, replace
from functools import partial

from sqlalchemy import delete

from service.enrollments.steps import pass_time
from service.enrollments.store import enrollments, log
from service.feed.publish import publish_changes
from service.feed.store.entries import entries_after
from service.platform.database.tables import tokens
from service.platform.process import FreshAnswers, Limits, Remembered
from tests.faults.ways_out import WaysOut, until_rest
from tests.service.caregiving import accepted_caregiver
from tests.service.clinic import Clinic, application
from tests.service.published import PUBLISHED
from tests.tables import EMPTIED

LIVED = [table for table in EMPTIED if table not in (*PUBLISHED, tokens)]
FORGET = "; ".join(
    str(statement.compile(compile_kwargs={"literal_binds": True}))
    for statement in [*map(delete, LIVED), delete(tokens).where(tokens.c.patient_ref.is_not(None))]
)


@dataclass(frozen=True)
class Call:
    """A request of somebody: `sender` is patient, family, app, staff or nobody; a body of bytes is sent as it is."""

    sender: str
    method: str
    path: str
    body: object = None
    headers: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Wait:
    """Time that passes, and whether the worker fires what is due then."""

    hours: float
    fires: bool


class Life(Clinic):
    """One patient from the enrolling on; ids follow from the number of the step, whatever was called before."""

    def __init__(self, database, url: str, library, staff: str, app: str) -> None:
        super().__init__(database, url)
        self.issued = 0
        self.step = 0
        self.service = replace(
            self.service,
            library=library,
            new_id=lambda: self.next_name("id"),
            new_secret=lambda: self.next_name("secret").ljust(66, "0"),
            shown=Remembered(),
            fresh=FreshAnswers(),
        )
        self.app = application(self.service)
        self.senders = {"staff": staff, "app": app}
        self.enrollment, self.is_sandbox, self.caregiver = "", False, ""
        self.ways_out = WaysOut(self)
        with database.writing() as connection:
            connection.connection.driver_connection.execute(FORGET, prepare=False) if not database.is_sqlite else (
                connection.connection.driver_connection.executescript(FORGET)
            )

    def next_name(self, prefix: str) -> str:
        self.issued += 1
        return f"{prefix}{self.step:04d}{self.issued:04d}"

    def play(self, number: int, step: Call | Wait):
        """Play one step; return the answer to a call."""
        self.step, self.issued = number, 0
        if isinstance(step, Wait):
            answer = self.pass_time(step.hours)
            if step.fires:
                self.worker().fire_all()
            self.work_in_time()
            return answer
        body = {"data": step.body} if isinstance(step.body, bytes) else {"json": step.body}
        answer = self.call(step.method, step.path, self.senders.get(step.sender), headers=step.headers, **body)
        if step.path == "/v1/enrollments" and answer.status == 201 and not self.enrollment:
            self.enrollment, self.is_sandbox = answer["id"], answer["sandbox"]
            accepted = accepted_caregiver(self.service, self.enrollment)
            self.senders["family"], self.caregiver = accepted.minted.text, accepted.caregiver.id
            self.ways_out.open(self.enrollment)
        if step.path == "/v1/patient-tokens" and answer.status == 201 and answer["patient_ref"] == "p1":
            self.senders["patient"] = answer["token"]
        if step.sender != "staff":  # workers look by the clock, not because of what staff do
            self.work_in_time()
        return answer

    def pass_time(self, hours: float):
        """Lets time pass; in a sandbox the app moves its clock along, and gets the answer that is returned."""
        self.clock.pass_by(hours=hours)
        if not self.is_sandbox:
            return None
        path = f"/v1/enrollments/{self.enrollment}/clock"
        answer = self.call("POST", path, self.senders["app"], json={"to": self.clock().isoformat()})
        assert answer.status == 200, answer.data
        return answer

    def work_in_time(self) -> None:
        """Publish the feed, send messages and deliver, after every third step."""
        if self.step % 3 == 0:
            until_rest(partial(publish_changes, self.service))
            if self.enrollment:
                self.ways_out.work()

    def feed(self) -> list:
        """All of the feed as staff and webhooks get it, with the time at which it was published."""
        with self.service.database.reading() as connection:
            entries = entries_after(connection, 0, 10_000)
        return [(entry.position, entry.published_at, entry.to_cloud_event()) for entry in entries]

    def limit_events(self, most: int | None) -> None:
        """Accept at most so many events of an enrollment, or as many as by default."""
        self.service = replace(self.service, limits=Limits() if most is None else Limits(events=most))
        self.app = application(self.service)

    def stored(self):
        """The enrollment folded to now, and its log."""
        with self.service.database.reading() as connection:
            stored = enrollments.load(connection, self.enrollment)
            current = pass_time(self.service.library.releases(connection), stored, self.clock()).stored.enrollment
            return current, [entry.arrival for entry in log.read_log(connection, self.enrollment)]


def require_own_telling(before, after, step: Call, event: str) -> None:
    """An event of staff tells only the news that names its trigger, unless it says that all of its own is told."""
    for news in before.open:
        if after.told.get(news.id) == event and not step.body.get("told"):
            assert news.until == step.body["type"], news


def require_untold(enrollment) -> None:
    """The told view has no stay that begins open news."""
    if enrollment.view is not None:
        stays = {stay.id for stays in enrollment.view.tracks.values() for stay in stays}
        assert stays.isdisjoint(news.id for news in enrollment.told.open), enrollment.told.open


def truth_of(answer: dict) -> list:
    """The parts of an enrollment, or of its explanation, that staff and patients read alike where nothing is held."""
    now = answer.get("now", answer)
    staff_only = ("reporter", "facts")
    steps = [
        {name: value for name, value in step.items() if name not in staff_only} for step in answer.get("steps", ())
    ]
    return [now["state"], now.get("ended"), steps]
