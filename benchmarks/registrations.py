"""join: a step of a registration over HTTP by eight clients, against a bare Flask view on the same server."""

from __future__ import annotations

import pickle
from urllib.parse import urlencode

from benchmarks import servers
from benchmarks.bare_joining import JoiningPlan
from benchmarks.database import BenchDatabase, sqlite_database
from benchmarks.harness import Bench, Line, Run, against, by_turns
from benchmarks.load import send_all
from service.app import create_app
from service.outreach.outbox import ChannelSetup, Outbox
from service.outreach.port import Accepted, Envelope
from service.platform import clock
from service.platform.browser import FIELD, proof
from service.platform.database.tables import registration_counts, registration_drafts
from service.registration.blueprint import COOKIE
from service.registration.drafts import Draft, begin_draft

CLIENTS = 8
STEP = "/join/riverside/step/language"
#: A channel that a code could go to; this step sends none.
MAIL = {
    "JOURNEYS_MAIL_SERVER": "127.0.0.1:9",
    "JOURNEYS_MAIL_SECURITY": "none",
    "JOURNEYS_MAIL_FROM": "Guide <guide@example.org>",
    "JOURNEYS_MAIL_BOUNCES": "bounce@example.org",
    "JOURNEYS_MAIL_UNSUBSCRIBE": "stop@example.org",
    "JOURNEYS_POSTAL_ADDRESS": "120 River Street",
    "JOURNEYS_PUBLIC_URL": "https://guide.example.org",
}


class Nowhere:
    """A channel that takes everything."""

    def send(self, envelope: Envelope, key: str) -> Accepted:
        """Take a message."""
        return Accepted()


def measure(bench: Bench) -> list[Line]:
    with sqlite_database(bench, "join_ours") as ours, sqlite_database(bench, "join_limit") as limit:
        plan = bench.folder / "joining.plan"
        plan.write_bytes(pickle.dumps(plan_of(limit)))
        with (
            servers.ours_under_waitress(ours, MAIL) as serving,
            servers.bare_module("benchmarks.bare_joining", plan) as bare,
        ):
            runs = {"ours": run_of(bench, ours, serving), "limit": run_of(bench, limit, bare)}
            figures = by_turns(bench, runs)
    return [against("join", f"SQLite, waitress, {CLIENTS} clients", "requests/s", figures, reach=0.4)]


def run_of(bench: Bench, database: BenchDatabase, serving: servers.Serving) -> Run:
    count = bench.count(800, 16)

    def run(_: int) -> float:
        requests = [step(serving.port, secret) for secret in begun(database, count)]
        return send_all(serving.port, requests, CLIENTS).per_second

    return run


def begun(database: BenchDatabase, count: int) -> list[str]:
    """Begin drafts; return the secrets of their cookies."""
    service = database.service
    secrets = [service.new_secret() for _ in range(count)]
    draft = Draft(programme="riverside", style="one-question-a-page", language="en")
    with service.database.writing() as connection:
        for secret in secrets:
            begin_draft(service, connection, secret, draft)
    return secrets


def step(port: int, secret: str) -> bytes:
    """Return the request that answers the first question of a draft."""
    content = form(secret).encode()
    head = (
        f"POST {STEP} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {COOKIE.name}={secret}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def form(secret: str) -> str:
    return urlencode({FIELD: proof(secret), "language": "en", "go": "on"})


def plan_of(database: BenchDatabase) -> JoiningPlan:
    """Return what a step writes and answers, from a step that was taken in this process."""
    (secret,) = begun(database, 1)
    outbox = Outbox(service=database.service, channels={"email": ChannelSetup(Nowhere())})
    options = {"clock": clock.present, "new_id": clock.new_id, "service": database.service}
    client = create_app(database.config, outbox=outbox, **options).test_client()
    client.set_cookie(COOKIE.name, secret, domain="127.0.0.1")
    content = {"content_type": "application/x-www-form-urlencoded", "headers": {"Host": "127.0.0.1"}}
    answer = client.post(STEP, data=form(secret), **content)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    columns = tuple(column.name for column in registration_counts.primary_key)
    with database.service.database.reading() as connection:
        draft = connection.execute(registration_drafts.select()).one()
        counters = connection.execute(registration_counts.select()).all()
    return JoiningPlan(
        url=database.url,
        cookie=COOKIE.name,
        payload=draft.payload,
        counters=tuple(tuple(row._mapping[name] for name in columns) for row in counters),
        columns=columns,
        location=answer.headers["Location"],
        answer=answer.get_data(),
    )
