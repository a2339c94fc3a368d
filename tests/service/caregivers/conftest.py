"""The sample with a topic for its scans. Its page about smoking is private, and its question about it sensitive."""

from pathlib import Path

import pytest

TOPICS = """topics:
  scans: {en: Tests, es: Pruebas}
"""


@pytest.fixture(scope="module")
def published_rows(publish_sample):
    return publish_sample(share)


def share(folder: Path) -> None:
    """Changes the files of the sample."""
    definition = folder / "definitions" / "follow_up.yaml"
    text = definition.read_text()
    text = text.replace("by: [patient, staff]\n    requires: [last_scan_on]", "requires: [last_scan_on]")
    definition.write_text(text + TOPICS)
    for key in ("scan-due", "scan-reminder"):
        piece = next(folder.glob(f"content/follow_up/**/{key}/piece.yaml"))
        piece.write_text(piece.read_text() + "topic: scans\n")
