"""The runbook's commands do what it says, in its order, against a service on SQLite that is served meanwhile."""

import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import click
import pytest
from ruamel.yaml import YAML

from service.cli import UNLISTED, main
from tests.folders import ROOT, copy_samples

pytestmark = pytest.mark.long

RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", RUNBOOK, re.MULTILINE | re.DOTALL)

BEFORE = """
export JOURNEYS_DATABASE=sqlite:///journeys.db JOURNEYS_LOG_LEVEL=warning
journeys db upgrade
PASSWORD="a long password for the runbook"
echo "$PASSWORD" | journeys account add maria --printed-name "Maria Example" --role author --role publisher >/dev/null
echo "$PASSWORD" | journeys account add kim --printed-name "Kim Example" --role reviewer \\
  --function medical --locale en --locale es >/dev/null
echo "$PASSWORD" | journeys publish --as maria >/dev/null
echo "$PASSWORD" | journeys approve follow_up --as kim --confirm all >/dev/null
echo "$PASSWORD" | journeys release activate follow_up --as maria >/dev/null
CLINIC=$(journeys token create clinic --scope staff --scope enroll)
OLD=$(journeys token create clinic --scope staff)
LEAKED=$(echo "$OLD" | cut -d_ -f2)
journeys serve --port 8400 2>serve.log &
until curl --silent --fail --output /dev/null http://127.0.0.1:8400/readyz; do sleep 0.2; done
value() { python3 -c "import json, sys; print(json.load(sys.stdin)$1)"; }
ENROLLMENT=$(curl --silent --header "Authorization: Bearer $CLINIC" --json '{"key": "k", "journey": "follow_up",
  "patient": {"ref": "p1", "locale": "en", "time_zone": "UTC"}, "facts": {"last_scan_on": "2026-01-15"},
  "at": {"entry": "in_follow_up", "occurred_at": "2026-02-01"}}' http://127.0.0.1:8400/v1/enrollments | value "['id']")
EVENT=$(curl --silent --header "Authorization: Bearer $CLINIC" --json '{"id": "e1", "type": "asked_for_help",
  "occurred_at": "2026-03-01"}' http://127.0.0.1:8400/v1/enrollments/$ENROLLMENT/events | value "['decision']['event']")
"""


def blocks_to_run() -> list[str]:
    return [text for kind, text in BLOCKS if kind == "sh"]


def run_runbook(folder: Path) -> str:
    """What the blocks print, each after a line with its number."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    copy_samples(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    marked = [f"echo; echo '== {number}'\n{text}" for number, text in enumerate(blocks_to_run())]
    script = "trap '[ -z \"$!\" ] || kill $!' EXIT\n" + "\n".join([BEFORE, "exec 2>&1", *marked])
    (folder / "runbook.sh").write_text(script.replace("8400", str(port)))
    done = subprocess.run(
        ["sh", "runbook.sh"],
        cwd=folder,
        env={
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "JOURNEYS_PORT": str(port),
        },
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    return done.stdout + done.stderr


def part(transcript: str, begins: str) -> str:
    """The output of the block that contains a text."""
    (number,) = [number for number, text in enumerate(blocks_to_run()) if begins in text]
    return transcript.split(f"== {number}\n")[1].split("\n== ", maxsplit=1)[0]


PRINTED = {
    "journeys doctor": ["ok    worker", "this service answers there already", "ok   disk"],
    "/healthz": ['{"status":"ok"}', '"status":"ready"'],
    "journeys stuck": ["[]"],
    "journeys db doctor": ["ok   integrity: ok"],
    "journeys db backup backup-now.db": ["Backup written to backup-now.db."],
    "journeys db restore": ["Restored to restored.db.", "0 differences", "1 enrollment, at", "clinic  staff"],
    "wrong_patient": ['"trigger":"asked_for_help"', '"trigger":"retracted"'],
    "tasks?status=open": ['"title":"Follow-up scan overdue"'],
    "journeys publish --as": ["release 1 (as before)", "ok    backup"],
    "journeys token revoke": ["clinic  enroll,staff", "jt_"],
    "Bearer $OLD": ['"code": "unauthenticated"'],
}


def test_each_block_does_what_is_said(tmp_path):
    """One test, so that the whole runbook is gone through once, whatever process a test runs in."""
    printed = run_runbook(tmp_path)
    assert len(blocks_to_run()) == len(PRINTED)
    for wrong in ("Traceback", "Usage:", "not found", "BAD"):
        assert wrong not in printed, printed
    for block, texts in PRINTED.items():
        for text in texts:
            assert text in part(printed, block), (block, part(printed, block))
    # The task of the event that was taken back is no longer open.
    assert "Call the patient" not in part(printed, "tasks?status=open")


def test_every_command_that_is_named_exists():
    for command, sub in re.findall(r"journeys ((?:db|token) )?(?=[a-z])(\w+)", RUNBOOK):
        context = click.Context(main)
        group = main.get_command(context, command.strip()) if command else None
        commands = group.commands if group is not None else {*main.list_commands(context), *UNLISTED}
        if f"`journeys {command}{sub}" in RUNBOOK or f"\njourneys {command}{sub}" in RUNBOOK:
            assert sub in commands, (command, sub)


def test_every_alert_leads_to_a_heading():
    (group,) = YAML(typ="safe").load((ROOT / "docs" / "alerts.yml").read_text())["groups"]
    headings = set(re.findall(r"^## (.*)$", RUNBOOK, re.MULTILINE))
    for rule in group["rules"]:
        assert rule["annotations"]["runbook"] in headings, rule
        assert rule["alert"] in RUNBOOK, rule


def test_every_log_line_that_is_named_is_written():
    code = "".join(file.read_text() for file in (ROOT / "service").rglob("*.py"))
    for line in ("worker-trouble", "worker-waits-for-the-database", "timer-failed", "unexpected"):
        assert line in RUNBOOK
        assert f'"{line}"' in code
