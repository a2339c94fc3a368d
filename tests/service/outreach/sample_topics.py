"""The sample journey with topics: its reminder of a scan has one."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.folders import SAMPLES

TOPICS = """topics:
  scans: {en: Tests, es: Pruebas}
  reading: {en: Things to read, es: Lecturas}
"""


def publish_with_topics(clinic, folder: Path, channels: str = "web, email") -> None:
    """Publishes and signs the sample journey with topics; its reminder is in the first, and has some channels."""
    shutil.copytree(SAMPLES, folder / "samples")
    files = folder / "samples"
    definition = files / "definitions" / "follow_up.yaml"
    definition.write_text(definition.read_text() + TOPICS)
    piece = next(files.glob("content/follow_up/**/scan-reminder/piece.yaml"))
    piece.write_text(piece.read_text() + f"topic: scans\nchannels: [{channels}]\n")
    clinic.publish(files / "definitions", files / "content")
