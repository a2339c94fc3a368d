"""A registration that cannot be offered as it is written is refused."""

import dataclasses

from tests.authoring.lint.checking import ONE_STATE, SEEN, check, piece

ENTRY = "entry:\n  new: {title: {en: I am new}, state: care.here}\n"
PROGRAMMES = """\
programmes:
  north:
    title: {en: North}
    registration:
      gives: [{en: A guide}]
      next: {en: The guide is ready.}
      why: {entry: {en: You see what fits.}, contact: {en: We send a code.}, permission: {en: You choose.}}
      consents: [messages]
"""
CONSENT = dataclasses.replace(piece("messages", "care.here"), kind="consent")
OTHER = piece("advice", "care.here")


def checked(programmes, *expected, before=ENTRY, pieces=(CONSENT, OTHER)):
    """Only the problems in the file of programmes are compared."""
    check(SEEN + before, *expected, after=ONE_STATE, programmes=programmes, pieces=pieces)


def test_a_registration_that_can_be_offered_is_fine():
    checked(PROGRAMMES)
    assert "consents: [messages]" in PROGRAMMES


def test_a_consent_text_that_does_not_exist_is_named_with_the_nearest():
    wrong = PROGRAMMES.replace("[messages]", "[mesages]")
    checked(wrong, (8, "registration", "No consent text has the key 'mesages'. Did you mean 'messages'?"))
    assert wrong != PROGRAMMES


def test_a_piece_of_another_kind_is_no_consent_text():
    wrong = PROGRAMMES.replace("[messages]", "[advice]")
    checked(wrong, (8, "registration", "No consent text has the key 'advice'. Accepted: messages."))
    assert wrong != PROGRAMMES


def test_a_language_that_the_journey_lacks_is_named():
    wrong = PROGRAMMES + "      languages: [en, fr]\n"
    checked(wrong, (9, "registration", "'fr' is not in 'locales' of the journey. Accepted: en."))
    assert wrong != PROGRAMMES


def test_a_text_in_another_language_alone_is_missing():
    wrong = PROGRAMMES.replace("{en: A guide}", "{es: Una guia}")
    checked(wrong, (5, "registration", "'gives 1' in the registration of 'north' has no text in en; write {en: …}."))
    assert wrong != PROGRAMMES


def test_permission_is_asked_with_a_reason():
    wrong = PROGRAMMES.replace(", permission: {en: You choose.}", "")
    checked(wrong, (5, "registration", "does not say why permission is asked"))
    assert wrong != PROGRAMMES


def test_without_an_entry_nobody_can_register():
    checked(PROGRAMMES, (5, "registration", "the journey declares no 'entry' with a title"), before="")
    assert "entry" not in SEEN
