"""i: the memory of a server process with three journeys after 2,000 and after 10,000 requests."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmarks import servers
from benchmarks.database import JOURNEY, ROOT, BenchDatabase, day, event, sqlite_database
from benchmarks.harness import Bench, Line
from benchmarks.load import Connection, request, send_all
from service.demo.reviewers import publish_signed
from service.platform import clock

CLIENTS = 8
MEGABYTE = 1_000_000
COPIES = ("nsclc_b", "nsclc_c")
#: The requests of each patient's app after the enrolling, in order.
REQUESTS = (
    ("POST", "/events", {"type": "scan_booked", "facts": {"scan_booked_for": 21}}),
    ("GET", "", None),
    ("GET", "/content?format=html", None),
    ("POST", "/events", {"type": "needs_told", "facts": {"support_needs": ["mood"]}}),
    ("GET", "/content?format=text", None),
    ("POST", "/events", {"type": "scan_cancelled", "facts": {}}),
    ("GET", "/history", None),
    ("GET", "/explain", None),
    ("GET", "", None),
)


def measure(bench: Bench) -> list[Line]:
    total, early = bench.count(10_000, 60), bench.count(2_000, 30)
    copies = COPIES[: bench.count(2, 1)]
    with sqlite_database(bench, "i") as database:
        publish_copies(bench, database, copies)
        with servers.ours_under_waitress(database) as serving:
            sent = 0
            megabytes_after: dict[int, float] = {}
            while sent < total:
                sent += send_requests(serving.port, database, (JOURNEY, *copies), bench.count(100, 3))
                if sent >= early and not megabytes_after:
                    megabytes_after[sent] = resident(serving.pid)
            megabytes_after[sent] = resident(serving.pid)
    first, last = megabytes_after.values()
    note = ", ".join(f"{value:.0f} MB after {count:,} requests" for count, value in megabytes_after.items())
    rounds = {"megabytes": [first, last]}
    return [
        Line(
            row="i",
            case="three journeys, resident",
            unit="MB",
            ours=last,
            limit=None,
            score=last,
            reach=150,
            at_most=True,
            note=note,
            rounds=rounds,
        ),
        Line(
            row="i",
            case=f"growth from {min(megabytes_after):,} to {sent:,} requests",
            unit="MB",
            ours=last - first,
            limit=None,
            score=last - first,
            reach=round(0.03 * first, 1),
            at_most=True,
            note="up to 3 % counts as none",
            rounds=rounds,
        ),
    ]


def publish_copies(bench: Bench, database: BenchDatabase, names: Sequence[str]) -> None:
    """Publish copies of the journey under other names."""
    definitions, content = bench.folder / "definitions", bench.folder / "content"
    definitions.mkdir()
    text = (ROOT / "definitions" / f"{JOURNEY}.yaml").read_text()
    for name in names:
        (definitions / f"{name}.yaml").write_text(text.replace(f"journey: {JOURNEY}\n", f"journey: {name}\n", 1))
        for more in (ROOT / "definitions").glob(f"{JOURNEY}.*.yaml"):
            if more.name.endswith(".sources.yaml"):
                continue  # the address of a source is that of one journey
            copied = more.read_text().replace(f"journey: {JOURNEY}\n", f"journey: {name}\n", 1)
            (definitions / more.name.replace(JOURNEY, name)).write_text(copied)
        shutil.copytree(ROOT / "content" / JOURNEY, content / name)
    done = publish_signed(database.service, definitions, content)
    assert done.is_done, [str(problem) for problem in done.problems]


def send_requests(port: int, database: BenchDatabase, journeys: Sequence[str], patients: int) -> int:
    """Send the requests of some new patients; return their number."""
    joined = []
    with Connection(port) as connection:
        for number in range(patients):
            body = {
                "key": "k",
                "journey": journeys[number % len(journeys)],
                "programme": ("riverside", "sierra")[number % 2],
                "patient": {"ref": clock.new_id(), "locale": ("en", "es")[number % 2], "time_zone": "Europe/Madrid"},
                "facts": {"treatment_ended_on": day(-60), "last_scan_on": day(-30)},
                "at": {"entry": "in_follow_up", "occurred_at": day(-20)},
            }
            answer = connection.send(request(port, database.secret, "POST", "/v1/enrollments", body))
            joined.append(str(json.loads(answer)["id"]))
    for number, (method, path, report) in enumerate(REQUESTS):
        body = None
        if report is not None:
            facts = {name: day(value) if isinstance(value, int) else value for name, value in report["facts"].items()}
            body = event(f"e{number}") | report | {"facts": facts}
        paths = [f"/v1/enrollments/{enrollment}{path}" for enrollment in joined]
        send_all(port, [request(port, database.secret, method, request_path, body) for request_path in paths], CLIENTS)
    return patients * (len(REQUESTS) + 1)


def resident(pid: int) -> float:
    """Return the megabytes of memory that a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (kilobytes,) = (int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return kilobytes * 1024 / MEGABYTE
