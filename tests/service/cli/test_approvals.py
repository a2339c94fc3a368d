"""The commands of those who approve, from a publication to a recall."""

import json

import pytest

from service import processes
from service.access import accounts
from tests.service.cli.test_commands import FILES, run

PASSWORD = "a long password of theirs"


@pytest.fixture
def store(tmp_path):
    """A store with the sample journey published by Maria, and nobody's signature."""
    url = f"sqlite:///{tmp_path / 'journeys.db'}"
    run("db", "upgrade", "--database", url)
    with processes.open_service(url) as service:
        for name, role, functions in (
            ("kim", "reviewer", ["medical"]),
            ("maria", "reviewer", ["medical"]),
            ("pia", "publisher", []),
        ):
            accounts.add_account(
                service,
                accounts.NewAccount(
                    name=name,
                    printed_name=f"{name.title()} Example",
                    roles=[role],
                    functions=functions,
                    locales=["en", "es"] if functions else [],
                    password=PASSWORD,
                ),
            )
    message = run("publish", "--author", "maria", "--database", url, *FILES).output
    assert "16 waiting for signatures (medical); next: journeys approve follow_up" in message
    assert "then: journeys release activate follow_up" in message
    return url


def test_what_is_published_is_signed_made_active_recalled_and_all_of_it_can_be_read(store):
    def act(*parts: str, code: int = 0):
        return run(*parts, "--database", store, code=code, typed=f"{PASSWORD}\n").output

    assert act("approve", "follow_up").count("in_review") == 16
    assert "0 signed; 16 still wait" in act("approve", "follow_up", "--as", "maria", "--confirm", "all")
    result = ("approve", "follow_up", "--as", "kim", "--locale", "es", "--piece", "scan-due")
    request = act(*result, "--confirm", "action", code=2)
    assert "¿Dice el primer párrafo" in request and "(main_message)" in request and "(action)" not in request
    assert "takes all, action, audience" in act(*result, "--confirm", "everything", code=2)
    assert "1 signed; 15 still wait" in act(*result, "--confirm", "all")
    assert "not approved in: en, es" in act("release", "activate", "follow_up", "--as", "pia", code=2)
    how = ("--as", "kim", "--locale", "en", "--function", "medical")
    assert "rejected smoking version 1 in en" in act("reject", "follow_up", "smoking", *how, "--comment", "Too long.")
    assert "14 signed; 0 still wait" in act("approve", "follow_up", "--as", "kim", "--confirm", "all")
    assert "takes a publisher" in act("release", "activate", "follow_up", "--as", "kim", code=2)
    assert "release 1 is active" in act("release", "activate", "follow_up", "--as", "pia")
    assert "1  active" in act("release", "list", "follow_up")
    assert "Patients no longer see 'scan-due'" in act(
        "recall", "follow_up", "scan-due", "--as", "pia", "--comment", "Wrong."
    )
    words = {load["word"] for load in json.loads(act("approve", "follow_up", "--format", "json"))}
    assert words == {"active", "draft", "recalled"}
    lines = json.loads(act("audit", "--format", "json"))
    assert [line["sequence"] for line in lines] == list(range(1, len(lines) + 1))
    assert {line["step"] for line in lines} == {"approved", "refused", "rejected", "activated", "recalled"}
    assert all(line["intact"] for line in lines)
    text = act("audit", "follow_up")
    assert text == act("trail", "follow_up")
    for line in lines:
        assert line["printed_name"] in text
        assert line["at"] in text
        assert line["digest"] in text
        assert (line["meaning"] or line["comment"]) in text
    first = next(line for line in lines if line["step"] == "approved")
    assert [entry["id"] for entry in first["confirmed"]][:2] == ["main_message", "action"]
    assert first["confirmed"][0]["text"].startswith("¿Dice el primer párrafo")
    assert "yes to: main_message, action, " in text
    assert act("content-history", "nobody") == act("shown", "nobody") == ""


def test_a_wrong_password_signs_nothing(store):
    wrong = run("approve", "follow_up", "--as", "kim", "--database", store, code=2, typed="not it\n")
    assert "signed" not in wrong.output
