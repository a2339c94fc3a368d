"""The words by which a patient recognises a session: a browser and a system, of closed lists. It stores nothing."""

from __future__ import annotations

from typing import NamedTuple

#: The first whose mark is in the User-Agent header; a browser also names those that it resembles.
_BROWSERS = (("Edg", "edge"), ("Firefox", "firefox"), ("FxiOS", "firefox"), ("Chrome", "chrome"), ("CriOS", "chrome"))
_SYSTEMS = (
    ("Android", "android"),
    ("iPhone", "ios"),
    ("iPad", "ios"),
    ("Windows", "windows"),
    ("Macintosh", "mac"),
    ("Linux", "linux"),
    ("CrOS", "linux"),
)
_READ = 400
#: Characters of the header that are looked at.


class Device(NamedTuple):
    """A browser (`chrome`, `edge`, `firefox`, `safari`, `other`) and a system (`android`, `ios`, …, `other`)."""

    browser: str
    system: str


def device_of(user_agent: str) -> Device:
    """The device that a User-Agent header names; nothing else of the header is kept."""
    text = user_agent[:_READ]
    browser = next((word for mark, word in _BROWSERS if mark in text), "safari" if "Safari" in text else "other")
    return Device(browser, next((word for mark, word in _SYSTEMS if mark in text), "other"))
