"""The preview of an author's files: as an application, and as the command that serves it."""

import os
import subprocess
import sys
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from service.platform.editor import editor_named
from service.preview import Desk, make_preview

TODAY = date(2026, 1, 15)


def preview_of(bench, stories=Path("no-stories"), editor="vscode"):
    """The application for a workspace."""
    return make_preview(Desk(bench, stories, editor_named(editor), lambda: TODAY))


@contextmanager
def previewing(folder, *options):
    """The address of `journeys preview` on the files in a folder, until the end."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JOURNEYS_")}
    command = [str(Path(sys.executable).parent / "journeys"), "preview", "--port", "0", *options]
    done = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        message = []
        for line in done.stdout:
            message.append(line)
            if line.startswith("Drafts on"):
                yield line.split()[2].rstrip("/")
                break
        else:
            raise AssertionError("".join(message))
    finally:
        done.terminate()
        done.communicate(timeout=30)
