"""How commands begin: no help waits for the core, some load no content; a terminal shows progress and colours.

The tests count modules, not time.
"""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from service.cli import COMMANDS, UNLISTED, main
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
#: Commands on a database that load neither releases nor content, in words that an empty database answers.
WITHOUT_CONTENT = """\
account list
account email nobody a@example.org
account disable nobody
token create clinic --scope read
token list
token revoke none
status
resume
audit
db backup --done
db doctor
messages list
registrations none
messages resend none
messages settle none sent
letters list
letters confirm none
letters return none
webhooks add https://example.org/ --recipient acme
webhooks list
webhooks disable none
webhooks enable none
webhooks replay none
ingest forget --days 30
""".splitlines()
CONTENT = (
    *("babel", "jinja2", "journeys.content", "journeys.definition.compiler", "journeys.engine"),
    *(
        "journeys.review.digests",
        "langcodes",
        "markdown_it",
        "ruamel.yaml",
        "service.publishing.library",
        "transitions",
    ),
)
#: Commands that compile releases, read pieces or language tags, or fold logs: none draws a page.
WITH_CONTENT = """\
account add kim --printed-name Kim --role author
approve none
reject none x --as kim --locale en --function medical --comment x
submit none x --as kim --locale en --comment x
recall none x --as kim --comment x
release list none
release activate none --as kim
content-history none
disclosures --person none
migrate none --to 2
stuck
surveys none
verify
doctor
triggers run none .
inbound mail
""".splitlines()
#: What none of them needs before it has work: pages, languages, metrics, numbers of phones, calls, lint.
PAGES = ("flask", "lxml", "marshmallow", "psycopg", "pyphen", "service.http", "werkzeug")
UNNEEDED = (*PAGES, "journeys.authoring", "langcodes", "phonenumbers", "prometheus_client")
#: What commands with content need with the first text or question alone.
UNTIL_TEXTS = (
    "babel",
    "httpcore2",
    "journeys.questions.questionnaire",
    "journeys.review.annotated",
    "markdown_it",
    "ruamel.yaml",
)
#: Commands that need files, or run until they are stopped: they are not run here.
WITH_FILES = {
    "backtest",
    "compare",
    "db upgrade",
    "impact",
    "ingest fhir",
    "letters print",
    "publish",
    "serve",
    "worker",
}
EVERY_RUN = """
import sys
from click.testing import CliRunner
from service.cli import main
for words in sys.argv[1].splitlines():
    done = CliRunner().invoke(main, words.split(), input="a long pass phrase 77\\n")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    print(words, "->", *(name for name in {} if name in sys.modules))
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


@pytest.mark.parametrize(
    ("commands", "unneeded"),
    [(WITHOUT_CONTENT, (*CONTENT, *UNNEEDED)), (WITH_CONTENT, (*UNNEEDED, *UNTIL_TEXTS))],
    ids=["without content", "with content"],
)
def test_a_command_on_a_database_loads_only_what_it_works_with(database, tmp_path, commands, unneeded):
    """They run one after another in one process, so that the first line with a name shows who loaded it."""
    words = [sys.executable, "-c", EVERY_RUN.format(unneeded), "\n".join(commands)]
    environment = os.environ | {"JOURNEYS_DATABASE": database, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{command} ->" for command in commands]


def on_a_database(command: click.Command, path: str) -> Iterator[str]:
    """Yield the words of each command with the option --database."""
    if any(parameter.name == "database" for parameter in command.params):
        yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from on_a_database(inner, f"{path} {name}")


def test_it_is_known_of_every_command_on_a_database_whether_it_needs_content():
    names = [*(name for entries in COMMANDS.values() for name in entries), *UNLISTED]
    commands = [(main.get_command(click.Context(main), name), name) for name in names]
    paths = {path for command, name in commands if command is not None for path in on_a_database(command, name)}
    known = {
        path for path in paths if any(f"{run} ".startswith(f"{path} ") for run in (*WITHOUT_CONTENT, *WITH_CONTENT))
    }
    assert len(paths) > 40
    assert paths - known == WITH_FILES


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
