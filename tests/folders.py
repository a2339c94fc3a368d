"""The folders that tests read: the repository, what it ships, the samples."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEFINITIONS = ROOT / "definitions"
CONTENT = ROOT / "content"
SAMPLES = ROOT / "tests" / "samples"
