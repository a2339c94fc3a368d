"""When `journeys demo` opens a browser by itself: never for a program, never inside the terminal, never for others."""

import sys
import webbrowser

import pytest
from click.testing import CliRunner

from service.cli import main
from service.cli.demo import can_open_browser
from tests.service.demo.showing import copied


class Browser:
    def __init__(self, name):
        self.name = name


@pytest.mark.parametrize(
    ("name", "environment", "is_terminal", "opens"),
    [
        ("firefox", {"DISPLAY": ":0"}, True, True),
        ("firefox", {"WAYLAND_DISPLAY": "wayland-0"}, True, True),
        ("firefox", {}, True, False),
        ("firefox", {"DISPLAY": ":0"}, False, False),
        ("/usr/bin/w3m", {"DISPLAY": ":0"}, True, False),
        ("lynx", {"DISPLAY": ":0"}, True, False),
    ],
)
def test_a_browser_is_opened_only_in_a_window_of_its_own(monkeypatch, name, environment, is_terminal, opens):
    monkeypatch.setattr(webbrowser, "get", lambda: Browser(name))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal, raising=False)
    assert can_open_browser(environment, "linux") == opens


@pytest.mark.parametrize("host", ["::", "192.168.1.7", "demo.example"])
def test_a_host_that_others_can_reach_is_refused(host, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner(env={"JOURNEYS_HOST": host}).invoke(main, ["demo", "--port", "0", "--no-open"])
    assert done.exit_code == 2
    assert "this machine alone" in done.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_files_with_a_mistake_are_not_shown_to_begin_with(tmp_path, monkeypatch):
    """Without a last good page, every mistake is printed, and the command ends with 1."""
    copied(tmp_path)
    file = tmp_path / "definitions" / "nsclc.yaml"
    file.write_text(file.read_text().replace("to: overdue}", "to: overdew}"))
    monkeypatch.chdir(tmp_path)
    done = CliRunner(env={"JOURNEYS_HOST": None}).invoke(main, ["demo", "--port", "0", "--no-open"])
    assert done.exit_code == 1
    assert "Did you mean 'overdue'?" in done.output
