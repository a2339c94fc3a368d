"""i: how much memory a serving process holds with three journeys, after 2,000 requests and after 10,000."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from benchmarks import servers
from benchmarks.ground import JOURNEY, ROOT, Ground, day, event, sqlite_ground
from benchmarks.harness import Bench, Line
from benchmarks.load import Connection, request, send_all
from service.demo.reviewers import publish_signed
from service.platform import clock

CLIENTS = 8
MEGABYTE = 1_000_000
COPIES = ("nsclc_b", "nsclc_c")
#: What each patient's app asks, one after the other; with the enrolling, ten requests.
ASKED = (
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
    with sqlite_ground(bench, "i") as ground:
        publish_copies(bench, ground)
        with servers.ours_under_waitress(ground) as serving:
            asked = 0
            found: dict[int, float] = {}
            while asked < total:
                asked += ask(serving.port, ground, 100 if not bench.smoke else 3)
                if asked >= early and not found:
                    found[asked] = resident(serving.pid)
            found[asked] = resident(serving.pid)
    first, last = found.values()
    note = ", ".join(f"{value:.0f} MB after {count:,} requests" for count, value in found.items())
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
            case=f"growth from {min(found):,} to {asked:,} requests",
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


def publish_copies(bench: Bench, ground: Ground) -> None:
    """The same journey twice more, under other names."""
    definitions, content = bench.folder / "definitions", bench.folder / "content"
    definitions.mkdir()
    text = (ROOT / "definitions" / f"{JOURNEY}.yaml").read_text()
    for name in COPIES:
        (definitions / f"{name}.yaml").write_text(text.replace(f"journey: {JOURNEY}\n", f"journey: {name}\n", 1))
        for more in (ROOT / "definitions").glob(f"{JOURNEY}.*.yaml"):
            copied = more.read_text().replace(f"journey: {JOURNEY}\n", f"journey: {name}\n", 1)
            (definitions / more.name.replace(JOURNEY, name)).write_text(copied)
        shutil.copytree(ROOT / "content" / JOURNEY, content / name)
    done = publish_signed(ground.service, definitions, content)
    assert done.is_done, [str(problem) for problem in done.problems]


def ask(port: int, ground: Ground, patients: int) -> int:
    """What the apps of some new patients ask; gives how many requests that were."""
    joined = []
    with Connection(port) as connection:
        for number in range(patients):
            body = {
                "key": "k",
                "journey": (JOURNEY, *COPIES)[number % 3],
                "programme": ("riverside", "sierra")[number % 2],
                "patient": {"ref": clock.new_id(), "locale": ("en", "es")[number % 2], "time_zone": "Europe/Madrid"},
                "facts": {"treatment_ended_on": day(-60), "last_scan_on": day(-30)},
                "at": {"entry": "in_follow_up", "occurred_at": day(-20)},
            }
            answer = connection.ask(request(port, ground.secret, "POST", "/v1/enrollments", body))
            joined.append(str(json.loads(answer)["id"]))
    for number, (method, path, said) in enumerate(ASKED):
        body = None
        if said is not None:
            facts = {name: day(value) if isinstance(value, int) else value for name, value in said["facts"].items()}
            body = event(f"e{number}") | said | {"facts": facts}
        paths = [f"/v1/enrollments/{one}{path}" for one in joined]
        send_all(port, [request(port, ground.secret, method, one, body) for one in paths], CLIENTS)
    return patients * (len(ASKED) + 1)


def resident(pid: int) -> float:
    """The megabytes of memory that a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (kilobytes,) = (int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return kilobytes * 1024 / MEGABYTE
