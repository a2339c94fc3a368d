"""How commands begin: no help waits for the core, some load no content; a terminal shows progress and colours.

The tests count modules, not time.
"""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.folders import copy_samples

#: What a help never imports.
HEAVY = ("alembic", "flask", "journeys.definition", "journeys.engine", "psycopg", "sqlalchemy", "transitions")
EVERY_HELP = f"""
import sys
import click
from click.testing import CliRunner
from service.cli import ALIASES, COMMANDS, UNLISTED, main

def helps(command, path):
    done = CliRunner().invoke(main, [*path, "--help"])
    assert done.exit_code == 0, done.output
    print(*path, *(name for name in {HEAVY} if name in sys.modules))
    for name, inner in getattr(command, "commands", {{}}).items():
        helps(inner, [*path, name])

helps(None, [])
for name in [*(name for entries in COMMANDS.values() for name in entries), *UNLISTED, *ALIASES]:
    helps(main.get_command(click.Context(main), name), [name])
"""
RUN = """
import sys
from service.cli import main
try:
    main(sys.argv[1:])
finally:
    print("imported", *sorted(name for name in sys.modules if name in {}))
"""
CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def database(empty_sqlite, tmp_path):
    file = tmp_path / "journeys.db"
    file.write_bytes(empty_sqlite.read_bytes())
    return f"sqlite:///{file}"


def test_the_help_of_no_command_imports_the_core_or_a_database():
    done = subprocess.run([sys.executable, "-c", EVERY_HELP], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) > 70 and "token create" in lines
    assert [line for line in lines if any(name in line.split() for name in HEAVY)] == []


@pytest.mark.parametrize("command", [("account", "list"), ("token", "list")])
def test_a_command_about_access_loads_no_content_and_no_driver_of_postgresql(database, command):
    """`journeys.engine` is what every command about patients loads, and `psycopg` what PostgreSQL needs."""
    code = RUN.format(
        ("sqlalchemy", "psycopg", "transitions", "journeys.engine", "journeys.content", "journeys.review")
    )
    words = [sys.executable, "-c", code, *command, "--database", database]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "imported sqlalchemy"


@pytest.fixture
def folder(tmp_path):
    """The sample files with a mistake."""
    copy_samples(tmp_path)
    file = next(path for path in tmp_path.rglob("scan-due/en.md"))
    file.write_text(f"{file.read_text()}\n{{{{ no_such_fact }}}}\n")
    return tmp_path


def lint(folder, *, terminal, **environment):
    """The exit code, and what `journeys lint` printed: to a terminal, or into a pipe."""
    words = [sys.executable, "-c", "from service.cli import main; main()", "lint"]
    clean = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    options = {"cwd": folder, "env": clean | {"TERM": "xterm-256color", "PYTHONPATH": str(Path.cwd())} | environment}
    if not terminal:
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **options)
        return done.returncode, done.stdout.decode()
    ours, theirs = pty.openpty()
    process = subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, **options)
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 65_536)
        except OSError:  # the other side was closed
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    return process.wait(), b"".join(parts).decode()


def test_a_terminal_shows_progress_and_colours_and_a_pipe_neither(folder):
    piped = lint(folder, terminal=False)
    code, shown = lint(folder, terminal=True)
    assert code == piped[0] == 1
    assert CODES.search(piped[1]) is None and "Checking" not in piped[1]
    assert "\x1b[31m\x1b[1merror\x1b[0m" in shown and "Checking" in shown
    plain = CODES.sub("", shown).replace("\r", "")
    assert all(line in plain for line in piped[1].splitlines())


def test_no_color_takes_the_colours_and_leaves_the_progress(folder):
    _, shown = lint(folder, terminal=True, NO_COLOR="1")
    assert "Checking" in shown and re.search(r"\x1b\[(3|4|9)[0-9]", shown) is None
    assert " error " in shown
