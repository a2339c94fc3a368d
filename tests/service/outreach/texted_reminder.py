"""The sample journey with a reminder that may be a text message too."""

from pathlib import Path


def text_reminder(folder: Path, properties: str = "") -> None:
    """Adds text messages to the channels of the reminder, and properties to its `piece.yaml`."""
    reminder = folder / "content" / "follow_up" / "disease" / "surveillance" / "scan_due" / "scan-reminder"
    with (reminder / "piece.yaml").open("a") as file:
        file.write(f"channels: [web, email, sms]\n{properties}")
    for page in reminder.glob("*.md"):
        page.write_text(page.read_text().replace("---\n", "---\ntext: It is time for your scan.\n", 1))
