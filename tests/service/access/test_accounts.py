"""Accounts of staff: who may sign in, for how long, and what a wrong password costs (S4)."""

import pytest
from sqlalchemy import select

from journeys.primitives.errors import Refused
from service.access import accounts, passwords
from service.platform import errors
from service.platform.database.tables import account_failures, account_sessions
from service.platform.database.tables import accounts as accounts_table
from tests.service.people import PASSWORD, add


@pytest.fixture(autouse=True)
def _ready(clinic):
    """The clock does not move, except in tests that move it."""


def test_who_is_added_can_sign_in_and_is_recognised(clinic):
    added = add(clinic, "kim")
    signed_in = accounts.sign_in(clinic.service, "kim", PASSWORD)
    assert accounts.resume(clinic.service, signed_in.text).account == added
    assert added.roles == {"reviewer"} and added.functions == {"medical"} and added.locales == {"en"}


def test_neither_the_password_nor_what_the_browser_keeps_is_stored_or_logged(clinic, logs):
    add(clinic, "kim")
    text = accounts.sign_in(clinic.service, "kim", PASSWORD).text
    with clinic.service.database.reading() as connection:
        stored = [row for table in (accounts_table, account_sessions) for row in connection.execute(select(table))]
    assert PASSWORD not in repr((stored, logs)) and text not in repr((stored, logs))
    assert "$argon2id$" in repr(stored)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("name", "Kim Lee"),
        ("name", ""),
        ("printed_name", " "),
        ("printed_name", "Kim\n"),
        ("roles", ["boss"]),
        ("roles", []),
        ("functions", ["surgical"]),
        ("functions", []),
        ("locales", ["English!"]),
        ("password", "short"),
        ("password", "x" * 201),
        ("password", None),
    ],
)
def test_what_makes_no_account_is_named_and_nothing_is_stored(clinic, field, wrong):
    with pytest.raises(Refused) as refused:
        add(clinic, **{"name": "kim", field: wrong})
    assert set(refused.value.fields) == {field}
    assert accounts.list_accounts(clinic.service) == []


def test_a_name_or_a_subject_is_taken_once(clinic):
    add(clinic, "kim")
    add(clinic, "lee", password=None, subject="lee@clinic.example")
    with pytest.raises(Refused, match="not accepted") as refused:
        add(clinic, "kim")
    assert refused.value.fields == {"name": [accounts.NAME_TAKEN]}
    with pytest.raises(Refused) as refused:
        add(clinic, "another", password=None, subject="lee@clinic.example")
    assert refused.value.fields == {"subject": [accounts.SUBJECT_TAKEN]}


def test_a_wrong_name_and_a_wrong_password_are_answered_alike_after_the_same_work(clinic, monkeypatch):
    """S4: the work is counted, not timed: one comparison of a password for each."""
    add(clinic, "kim")
    add(clinic, "gone")
    add(clinic, "lee", password=None, subject="lee@clinic.example")
    accounts.disable_account(clinic.service, "gone")
    compared = []
    hasher = passwords._HASHER
    monkeypatch.setattr(
        passwords, "_HASHER", type("Counting", (), {"verify": lambda _, *a: compared.append(a) or hasher.verify(*a)})()
    )
    messages = set()
    for name in ("kim", "nobody", "gone", "lee", "K I M", "", "x" * 10_000, "\udc80"):
        with pytest.raises(errors.WrongPassword) as wrong:
            accounts.sign_in(clinic.service, name, "not the password")
        messages.add(str(wrong.value))
    assert len(messages) == 1 and len(compared) == 8
    assert not any(hasher.check_needs_rehash(hashed) for hashed, _ in compared)  # each comparison costs the same


def test_after_ten_wrong_passwords_nobody_is_tried_by_that_name_for_a_while(clinic):
    add(clinic, "kim")
    add(clinic, "lee")
    for name in ("kim", "nobody"):
        for _ in range(passwords.FAILURES):
            with pytest.raises(errors.WrongPassword):
                accounts.sign_in(clinic.service, name, "wrong")
        with pytest.raises(errors.SignInTooOften) as often:
            accounts.sign_in(clinic.service, name, PASSWORD)
        assert often.value.wait == 900
    accounts.sign_in(clinic.service, "lee", PASSWORD)
    clinic.clock.pass_by(minutes=15)
    accounts.sign_in(clinic.service, "kim", PASSWORD)


def test_old_failures_are_not_kept(clinic):
    for _ in range(3):
        with pytest.raises(errors.WrongPassword):
            accounts.sign_in(clinic.service, "nobody", "wrong")
        clinic.clock.pass_by(minutes=16)
    with clinic.service.database.reading() as connection:
        assert len(connection.execute(select(account_failures)).all()) == 1


def test_every_session_is_new_and_ends_by_itself(clinic):
    add(clinic, "kim")
    first, second = (accounts.sign_in(clinic.service, "kim", PASSWORD) for _ in range(2))
    assert first.text != second.text
    clinic.clock.pass_by(minutes=14)
    accounts.resume(clinic.service, first.text)
    clinic.clock.pass_by(minutes=14)
    accounts.resume(clinic.service, first.text)
    with pytest.raises(errors.NotSignedIn):
        accounts.resume(clinic.service, second.text)


def test_after_twelve_hours_everybody_signs_in_again(clinic):
    add(clinic, "kim")
    text = accounts.sign_in(clinic.service, "kim", PASSWORD).text
    for _ in range(71):
        clinic.clock.pass_by(minutes=10)
        accounts.resume(clinic.service, text)
    clinic.clock.pass_by(minutes=10)
    with pytest.raises(errors.NotSignedIn):
        accounts.resume(clinic.service, text)


def test_signing_out_and_disabling_end_a_session_at_once(clinic):
    add(clinic, "kim")
    first, two = (accounts.sign_in(clinic.service, "kim", PASSWORD) for _ in range(2))
    accounts.sign_out(clinic.service, first.session)
    with pytest.raises(errors.NotSignedIn):
        accounts.resume(clinic.service, first.text)
    accounts.resume(clinic.service, two.text)
    assert accounts.disable_account(clinic.service, "kim")
    assert not accounts.disable_account(clinic.service, "kim")
    assert not accounts.disable_account(clinic.service, "nobody")
    with pytest.raises(errors.NotSignedIn):
        accounts.resume(clinic.service, two.text)
    with pytest.raises(errors.WrongPassword):
        accounts.sign_in(clinic.service, "kim", PASSWORD)


def test_another_password_needs_the_old_one_and_ends_every_session(clinic):
    add(clinic, "kim")
    signed_in = accounts.sign_in(clinic.service, "kim", PASSWORD)
    with pytest.raises(errors.WrongPassword):
        accounts.change_password(clinic.service, signed_in.session, "wrong", "another long password")
    with pytest.raises(Refused):
        accounts.change_password(clinic.service, signed_in.session, PASSWORD, "short")
    accounts.change_password(clinic.service, signed_in.session, PASSWORD, "another long password")
    with pytest.raises(errors.NotSignedIn):
        accounts.resume(clinic.service, signed_in.text)
    accounts.sign_in(clinic.service, "kim", "another long password")


def test_the_first_signature_of_a_session_takes_name_and_password_each_later_one_the_password(clinic):
    """RB8."""
    add(clinic, "kim")
    session = accounts.sign_in(clinic.service, "kim", PASSWORD).session
    for name, password in (("", PASSWORD), ("lee", PASSWORD), ("kim", "wrong"), ("kim", "")):
        with pytest.raises(errors.WrongPassword):
            accounts.identify(clinic.service, session, name, password)
    text = accounts.sign_in(clinic.service, "kim", PASSWORD).text
    accounts.identify(clinic.service, accounts.resume(clinic.service, text), "kim", PASSWORD)
    later = accounts.resume(clinic.service, text)
    accounts.identify(clinic.service, later, "", PASSWORD)
    with pytest.raises(errors.WrongPassword):
        accounts.identify(clinic.service, later, "kim", "")


def test_whom_the_provider_recognised_is_asked_by_it_before_every_signature(clinic):
    add(clinic, "lee", password=None, subject="lee@clinic.example")
    signed_in = accounts.sign_in_as(clinic.service, "lee@clinic.example")
    with pytest.raises(errors.NotConfirmed):
        accounts.identify(clinic.service, signed_in.session, "lee", PASSWORD)
    with pytest.raises(errors.NoAccount):
        accounts.confirm(clinic.service, signed_in.session, "somebody.else@clinic.example")
    accounts.confirm(clinic.service, signed_in.session, "lee@clinic.example")
    accounts.identify(clinic.service, signed_in.session, "", "")
    with pytest.raises(errors.NotConfirmed):
        accounts.identify(clinic.service, signed_in.session, "", "")
    accounts.confirm(clinic.service, signed_in.session, "lee@clinic.example")
    clinic.clock.pass_by(minutes=6)
    with pytest.raises(errors.NotConfirmed):
        accounts.identify(clinic.service, signed_in.session, "", "")


def test_whom_the_provider_knows_and_nobody_added_does_not_get_in(clinic):
    add(clinic, "lee", password=None, subject="lee@clinic.example")
    accounts.disable_account(clinic.service, "lee")
    for subject in ("lee@clinic.example", "x@clinic.example", ""):
        with pytest.raises(errors.NoAccount):
            accounts.sign_in_as(clinic.service, subject)


def test_what_is_kept_for_a_browser_on_its_way_is_given_once_and_not_for_long(clinic):
    accounts.leave(clinic.service, "browser", {"state": "s"}, "/room")
    assert accounts.arrive(clinic.service, "browser").secrets == {"state": "s"}
    with pytest.raises(errors.NotSignedIn):
        accounts.arrive(clinic.service, "browser")
    accounts.leave(clinic.service, "browser", {"state": "s"}, "/room")
    clinic.clock.pass_by(minutes=11)
    with pytest.raises(errors.NotSignedIn):
        accounts.arrive(clinic.service, "browser")
