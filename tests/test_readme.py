"""The README's commands do what it says, from its first line to its last, in an empty folder."""

import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.folders import ROOT

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def shell_blocks():
    return [text for kind, text in BLOCKS if kind == "sh" and not text.startswith("make ")]


@pytest.fixture(scope="module")
def transcript(tmp_path_factory):
    """The output of the shell blocks, run unchanged one after the other."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    folder = tmp_path_factory.mktemp("readme")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = "\n".join(["set -e", *shell_blocks()]).replace("8400", str(port))
    # The server that the README starts is stopped by its process id, however the script ends.
    script = "trap '[ -z \"$!\" ] || kill $!' EXIT\n" + script
    (folder / "readme.sh").write_text(script)
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    done = subprocess.run(
        ["sh", "readme.sh"],
        cwd=folder,
        env={"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.long
def test_the_transcript_is_the_one_shown(transcript):
    """The story's transcript in the README is what is printed, but for the release's name and blanks."""
    shown = next(text for kind, text in BLOCKS if kind == "text")
    for line in shown.splitlines():
        words = [word for word in line.replace("…", "").split() if word]
        assert all(word in transcript for word in words), line


@pytest.mark.long
def test_the_event_moves_the_patient_and_the_retraction_takes_it_back(transcript):
    assert '"outcome": "advanced"' in transcript or '"outcome":"advanced"' in transcript
    assert "book-a-visit" in transcript
    assert transcript.index('"trigger": "visit_done"') < transcript.index('"key": "all-set"')
    assert '"trigger": "retracted"' in transcript


@pytest.mark.long
def test_the_sandbox_is_two_years_ahead_and_its_visit_is_due(transcript):
    sandbox = transcript[transcript.index('"sandbox": true') :]
    assert sandbox.index('"clock"') < sandbox.index('"state": "due"')


def test_every_command_named_in_the_readme_exists():
    from service.cli import UNLISTED, main

    commands = {*main.list_commands(None), *UNLISTED}
    commands_in_readme = set(
        re.findall(r"^(?:[A-Z_]+=\S+ )*journeys (\w+)", "\n".join(text for _, text in BLOCKS), re.MULTILINE)
    )
    assert commands_in_readme <= commands, commands_in_readme - commands


def test_every_document_named_in_the_readme_exists():
    for link in re.findall(r"\]\(([\w./-]+)\)", README):
        assert (ROOT / link).exists(), link
