"""What a browser sends of the forms of a patient's page."""

from __future__ import annotations

import re


def hidden(page, trigger: str) -> dict[str, str]:
    """The hidden fields of the form that reports a trigger."""
    form = next(
        form
        for form in re.findall(r"<form.*?</form>", page.source, re.DOTALL)
        if f'name="type" value="{trigger}"' in form
    )
    return dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form))


def events(page) -> list[str]:
    """The events that can be retracted, the last first."""
    return re.findall(r'name="event" value="([^"]*)"', page.source)


def send_report(visitor, enrollment: str, trigger: str, **fields):
    """Opens the page of a patient, fills in the form of a trigger, and sends it."""
    form = hidden(visitor.get(f"/care/enrollments/{enrollment}"), trigger)
    return visitor.post(f"/care/enrollments/{enrollment}/reports", form | fields)
