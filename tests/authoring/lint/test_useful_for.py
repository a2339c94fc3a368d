"""A message that interrupts says how long it is worth sending."""

import pytest

from tests.authoring.lint.texts import JOURNEY, check_folder

FOLDER = "content/sample/care/here/walk"
TEXT = "---\ntitle: A walk\nsummary: A walk.\ntext: A walk.\npush: A walk.\n---\nWalk a little each day.\n"
SENT = "purpose: education\nchannels: [web, {}]\nsend: {{on: entry, delay: P1D}}\n"
REMINDER = "purpose: education\nchannels: [web, sms]\nreminder: true\n"
OTHER = {
    "content/sample/care/here/calm/piece.yaml": "purpose: education\norder: 5\n",
    "content/sample/care/here/calm/en.md": TEXT,
}


def check(folder, shared, *expected, timer=""):
    definition = JOURNEY.replace("LOCALE", "en").replace(
        "facts:\n", "facts:\n  visit_on: {type: date, title: {en: Visit}}\n"
    )
    definition = definition.replace("requires: [well]", "requires: [well, visit_on]")
    definition = definition.replace("on: {came: stay}", f"on: {{came: stay}}, after: [{timer}]")
    files = {**OTHER, "definitions/sample.yaml": definition, f"{FOLDER}/piece.yaml": shared, f"{FOLDER}/en.md": TEXT}
    check_folder(folder, files, *expected)


@pytest.mark.parametrize("channel", ["sms", "push"])
def test_a_piece_that_interrupts_says_how_long_it_is_useful(tmp_path, channel):
    shared = SENT.format(channel)
    check(tmp_path, shared, (f"{FOLDER}/piece.yaml", 3, "useful-for"))
    check(tmp_path, f"{shared}useful_for: P2D\n")


def test_mail_waits_in_its_box(tmp_path):
    check(tmp_path, SENT.format("email"))


def test_a_reminder_after_entry_says_how_long_it_is_useful(tmp_path):
    timer = "{delay: P14D, remind: walk}"
    check(tmp_path, REMINDER, (f"{FOLDER}/piece.yaml", 3, "useful-for"), timer=timer)
    check(tmp_path, f"{REMINDER}useful_for: P2D\n", timer=timer)


def test_a_reminder_before_a_date_is_useful_until_that_date(tmp_path):
    check(tmp_path, REMINDER, timer="{delay: -P3D, from: visit_on, remind: walk}")


@pytest.mark.parametrize("delay", ["P0D", "PT0S", "P3D"])
def test_a_reminder_on_or_after_a_date_says_how_long_it_is_useful(tmp_path, delay):
    timer = f"{{delay: {delay}, from: visit_on, remind: walk}}"
    check(tmp_path, REMINDER, (f"{FOLDER}/piece.yaml", 3, "useful-for"), timer=timer)
    check(tmp_path, f"{REMINDER}useful_for: P2D\n", timer=timer)
