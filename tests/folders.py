"""The folders that tests read: the repository, what it ships, the samples."""

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEFINITIONS = ROOT / "definitions"
CONTENT = ROOT / "content"
SAMPLES = ROOT / "tests" / "samples"


def copy_samples(folder: Path) -> Path:
    """Copies the `definitions` and the `content` of the sample journey into a folder, to be changed; returns it."""
    for name in ("definitions", "content"):
        shutil.copytree(SAMPLES / name, folder / name)
    return folder
