"""A running demonstration on copies of the shipped files, and its page in Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.folders import ROOT
from tests.service.browsing import watched

QUIET = "body[data-ready]:not([data-busy])"


def copied(folder: Path) -> Path:
    """Copies of the shipped definitions and content, to be changed."""
    for name in ("definitions", "content"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The address of `journeys demo` on the copies in a folder, until the end."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JOURNEYS_")}
    command = [str(Path(sys.executable).parent / "journeys"), "demo", "--port", "0", "--no-open"]
    demo = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        message = []
        for line in demo.stdout:
            message.append(line)
            if line.startswith("See the patients"):
                yield line.split()[-1].removesuffix("/demo")
                break
        else:
            raise AssertionError("".join(message))
    finally:
        demo.terminate()
        demo.communicate(timeout=30)


class Screen:
    """The page in Chromium, by what somebody does with it."""

    def __init__(self, page, address: str, patient: str | None = "demo-ana") -> None:
        self.page = watched(page)
        self.address = address
        page.goto(f"{address}/demo")
        self.wait()
        if patient is not None:
            self.choose_patient(patient)

    def choose_patient(self, patient: str) -> None:
        self.page.check(f"input[value={patient}]", force=True)
        self.wait()

    def wait(self) -> None:
        """Waits until the page has read all that it shows."""
        self.page.wait_for_selector(QUIET, state="attached", timeout=30_000)

    def text(self, selector: str) -> str:
        return self.page.inner_text(selector)

    def pass_time(self, duration: str) -> None:
        self.page.click(f"[data-pass={duration}]")
        self.wait()

    def open_form(self, trigger: str, who: str) -> None:
        button = self.page.locator(f"#reports-{who} [data-type={trigger}]")
        if not button.is_visible():
            self.page.click(f"#reports-{who} summary")
        button.click()

    def report(self, trigger: str, who: str = "staff", *, happened: str | None = None, **choices: str) -> None:
        self.open_form(trigger, who)
        for name, value in choices.items():
            self.page.select_option(f"#form [name={name}]", value)
        if happened is not None:
            self.page.fill("#happened", happened)
        self.page.click("#form button.main")
        self.page.wait_for_selector("#form", state="hidden")
        self.wait()

    def take_back(self, trigger: str) -> None:
        self.page.locator(f"[data-retract={trigger}]").first.click()
        self.page.wait_for_selector(".taken-back")
        self.wait()

    def choose_track(self, track: str) -> None:
        """Show the diagram of a track."""
        self.page.click(f"[data-key=track-{track}]")
        self.page.wait_for_selector(f"#diagram:not([aria-busy]) [id^='state:{track}.']", state="attached")

    def states(self, kind: str) -> set[str]:
        """The states that the diagram shows as `lit`, `been` or `told`."""
        result = self.page.locator(f"#diagram .state.{kind}").evaluate_all("all => all.map(one => one.id)")
        return {name.removeprefix("state:") for name in result}
