"""The layers that pyproject.toml declares are kept."""

import subprocess
import sys

from tests.folders import ROOT

LINT_IMPORTS = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"


def test_no_import_breaks_a_contract():
    """Imports point upwards only, and a module without a place among the layers fails."""
    command = [sys.executable, "-c", LINT_IMPORTS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
