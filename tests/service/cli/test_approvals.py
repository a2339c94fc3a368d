"""The commands of those who approve, from a publication to a recall."""

import json
import re
import shutil

import pytest

from service.access import accounts
from service.operations import databases
from service.publishing.store import releases
from tests.folders import SAMPLES
from tests.ports import free_port
from tests.service.cli.test_commands import FILES, publish, run
from tests.service.people import add_to

PASSWORD = "a long password of theirs"


@pytest.fixture
def store(tmp_path):
    """A store with the sample journey published by Maria, and nobody's signature."""
    url = f"sqlite:///{tmp_path / 'journeys.db'}"
    run("db", "upgrade", "--database", url)
    with databases.open_service(url) as service:
        for name, roles, functions in (
            ("kim", ["reviewer"], ["medical"]),
            ("maria", ["author", "reviewer"], ["medical"]),
            ("pia", ["publisher"], []),
        ):
            accounts.add_account(
                service,
                accounts.NewAccount(
                    name=name,
                    printed_name=f"{name.title()} Example",
                    roles=roles,
                    functions=functions,
                    locales=["en", "es"] if functions else [],
                    password=PASSWORD,
                ),
            )
    message = publish("--database", url, *FILES, name="maria", password=PASSWORD).output
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
    again = ("submit", "follow_up", "smoking", "--locale", "en", "--comment", "It is short.")
    assert "'kim' has neither" in act(*again, "--as", "kim", code=2)
    assert "submitted smoking version 1 in en" in act(*again, "--as", "maria")
    assert "has no rejected version in 'en'" in act(*again, "--as", "maria", code=2)
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
    assert {line["step"] for line in lines} == {"approved", "refused", "rejected", "submitted", "activated", "recalled"}
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


def test_who_publishes_is_asked_and_is_the_author(store, tmp_path):
    """The password is read as for a signature; another's name, or none, publishes nothing."""
    definition = tmp_path / "definitions" / "follow_up.yaml"
    shutil.copytree(SAMPLES / "definitions", tmp_path / "definitions")
    definition.write_text(definition.read_text() + "\n# Another release.\n")
    files = ["--database", store, "--definitions", tmp_path / "definitions", *FILES[2:]]
    refused = {
        "Missing option '--as'": run("publish", *files, code=2, typed=f"{PASSWORD}\n"),
        "No such option '--author'": run("publish", *files, "--author", "kim", code=2, typed=f"{PASSWORD}\n"),
        "The name or the password is wrong": publish(*files, name="maria", password="not hers", code=2),
        "'kim' has neither": publish(*files, name="kim", password=PASSWORD, code=2),
    }
    for text, result in refused.items():
        assert text in " ".join(re.sub("[│╭╰─╮╯]", "", result.output).split()), result.output
    assert "The name or the password is wrong" in publish(*files, name="nobody", password=PASSWORD, code=2).output
    assert "1  in_review" in run("release", "list", "follow_up", "--database", store).output
    publish(*files, name="MARIA", password=PASSWORD)
    publish(*files, name="pia", password=PASSWORD)  # the same bytes are still Maria's
    with databases.open_service(store) as service, service.database.reading() as connection:
        assert releases.newest_publication(connection, "follow_up").author == "maria"
    asked = ("approve", "follow_up", "--as", "maria", "--confirm", "all", "--database", store)
    assert run(*asked, typed=f"{PASSWORD}\n").output.startswith("0 signed;")


def test_a_store_without_accounts_says_how_to_add_them(tmp_path):
    url = f"sqlite:///{tmp_path / 'journeys.db'}"
    run("db", "upgrade", "--database", url)
    assert "journeys account add" in publish("--database", url, *FILES, code=2).output


def test_drafts_are_not_published_into_a_store_with_accounts(store):
    refused = run("serve", "--drafts", "--port", free_port(), "--database", store, *FILES, code=2)
    assert "Drafts need a database of their own" in refused.output


def test_an_account_of_the_provider_acts_by_a_code_that_works_once(store, tmp_path):
    definitions = shutil.copytree(SAMPLES / "definitions", tmp_path / "changed")
    (definitions / "follow_up.yaml").write_text(f"# Changed.\n{(definitions / 'follow_up.yaml').read_text()}")
    with databases.open_service(store) as service:
        add_to(service, "lee", password=None, subject="lee@clinic.example", roles=["author"], functions=(), locales=())
        session = accounts.sign_in_as(service, "lee@clinic.example").session
        code, another = accounts.make_code(service, session), accounts.make_code(service, session)
    refused = "The name or the password is wrong"
    arguments = ["--database", store, "--definitions", str(definitions), "--content", str(SAMPLES / "content")]

    def author() -> str | None:
        with databases.open_service(store) as service, service.database.reading() as connection:
            publication = releases.newest_publication(connection, "follow_up")
        return publication and publication.author

    before = author()
    assert refused in publish(*arguments, name="maria", password=code, code=2).output
    assert author() == before
    publish(*arguments, name="lee", password=code)
    assert author() == "lee"
    for password in (code, ""):
        assert refused in publish(*arguments, name="lee", password=password, code=2).output
    with databases.open_service(store) as service:
        accounts.disable_account(service, "lee")
    assert refused in publish(*arguments, name="lee", password=another, code=2).output
