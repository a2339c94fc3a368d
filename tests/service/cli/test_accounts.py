"""`journeys account`: who may sign in, with a password that is never part of a command."""

import json

import pytest
from click.testing import CliRunner

from service.cli import main
from tests.service.people import PASSWORD

KIM = (
    *("account", "add", "kim", "--printed-name", "Dr Kim Lee", "--role", "reviewer"),
    *("--function", "medical", "--locale", "en"),
)


@pytest.fixture
def run(tmp_path):
    database = ("--database", f"sqlite:///{tmp_path / 'journeys.db'}")

    def run(*arguments, code=0, typed=None):
        done = CliRunner().invoke(main, [*arguments, *database], input=typed)
        assert done.exit_code == code, done.output
        return done.output

    run("db", "upgrade")
    return run


def test_an_account_is_added_listed_and_disabled(run):
    assert run(*KIM, typed=f"{PASSWORD}\n") == "kim can sign in at /room.\n"
    assert run("account", "list") == "kim  Dr Kim Lee  reviewer  medical in en\n"
    run("account", "disable", "kim")
    listed = json.loads(run("account", "list", "--format", "json"))
    assert [entry["name"] for entry in listed] == ["kim"] and listed[0]["disabled_at"]
    assert "argon2" not in json.dumps(listed) and PASSWORD not in json.dumps(listed)
    assert "No enabled account has the name 'kim'" in run("account", "disable", "kim", code=1)


def test_an_account_of_the_care_team_starts_at_its_own_pages(run):
    add = ("account", "add", "noor", "--printed-name", "Noor Haddad", "--role", "staff")
    assert run(*add, typed=f"{PASSWORD}\n") == "noor can sign in at /care.\n"
    assert run("account", "list") == "noor  Noor Haddad  staff\n"
    both = ("account", "add", "pia", "--printed-name", "Pia", "--role", "staff", "--role", "publisher")
    assert run(*both, typed=f"{PASSWORD}\n") == "pia can sign in at /care and /room.\n"


def test_who_signs_in_with_the_provider_has_no_password(run):
    run(*KIM, "--subject", "kim@clinic.example")
    assert json.loads(run("account", "list", "--format", "json"))[0]["signs_in_by"] == "provider"


def test_the_address_of_digests_is_set_changed_and_taken_away(run):
    run(*KIM, typed=f"{PASSWORD}\n")
    assert run("account", "email", "kim", "kim@clinic.example") == "The digest of kim goes to kim@clinic.example.\n"
    assert run("account", "list") == "kim  Dr Kim Lee  reviewer  medical in en  kim@clinic.example\n"
    assert run("account", "email", "kim", "lee@clinic.example") == "The digest of kim goes to lee@clinic.example.\n"
    listed = json.loads(run("account", "list", "--format", "json"))[0]
    assert (listed["email"], listed["digest"]) == ("lee@clinic.example", True)
    assert run("account", "email", "kim") == "kim gets no digest.\n"
    listed = json.loads(run("account", "list", "--format", "json"))[0]
    assert (listed["email"], listed["digest"]) == (None, False)
    assert "Write a mail address such as" in run("account", "email", "kim", "Kim <kim@clinic.example>", code=2)
    assert "No account has the name 'lou'" in run("account", "email", "lou", "lou@clinic.example", code=2)


def test_what_is_not_accepted_is_said_without_what_was_typed(run):
    message = run(*KIM, typed="short secret\n".replace(" secret", ""), code=2)
    assert "12 to 200 characters" in message and "short" not in message
    run(*KIM, typed=f"{PASSWORD}\n")
    assert "Another account has this name." in run(*KIM, typed=f"{PASSWORD}\n", code=2)
    assert run("account", "add", "lee", "--printed-name", "Lee", "--role", "boss", code=2)


def test_no_option_takes_a_password(run):
    assert "No such option" in run(*KIM, "--password", PASSWORD, code=2)
