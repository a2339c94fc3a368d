"""A reminder is a piece of the journey."""

from dataclasses import replace

from tests.authoring.lint.checking import SEEN, check, piece

TRACKS = """\
tracks:
  care:
    initial: here
    states:
      here:
        title: {en: Here}
        on: {came: stay}
        after:
          - delay: P14D
            remind: scan-remainder
"""
WELCOME = piece("welcome", "care.here")


def test_a_piece_is_fine():
    check(TRACKS, before=SEEN, pieces=[WELCOME, piece("scan-remainder", "care.here", is_reminder=True)])


def test_a_misspelt_piece_is_reported():
    check(
        TRACKS,
        (10, "reminders", "Unknown piece 'scan-remainder' in 'remind' of 'here'. Did you mean 'scan-reminder'?"),
        before=SEEN,
        pieces=[WELCOME, piece("scan-reminder", "care.here", is_reminder=True)],
    )


def test_a_reply_is_no_reminder():
    reply = replace(piece("scan-remainder", "care.here"), kind="reply", states=())
    check(
        TRACKS,
        (10, "reminders", "'scan-remainder' in 'remind' of 'here' is a reply; write a page."),
        before=SEEN,
        pieces=[WELCOME, reply],
    )


def test_without_content_nothing_is_said():
    check(TRACKS, before=SEEN)
