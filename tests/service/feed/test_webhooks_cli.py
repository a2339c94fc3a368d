"""`journeys webhooks`: what staff declare, and what is printed of it."""

import json

import pytest
from click.testing import CliRunner

from service.cli import main
from service.platform.database import open_database, upgrade

URL = "https://hooks.acme.example/secret-path"


@pytest.fixture
def run(tmp_path):
    url = f"sqlite:///{tmp_path / 'journeys.db'}"
    database = open_database(url)
    upgrade(database)
    database.close()

    def run(*arguments, code=0) -> str:
        runner = CliRunner(env={"JOURNEYS_DATABASE": url})
        done = runner.invoke(main, ["webhooks", *arguments])
        assert done.exit_code == code, done.output
        return done.output

    return run


def test_an_endpoint_from_adding_to_replaying(run):
    id, secret = run("add", URL, "--recipient", "acme", "--journey", "nsclc").split()
    assert secret.startswith("whsec_")
    assert run("list") == f"{id}  acme  active  nsclc\n1 system.\n"
    run("disable", id)
    run("replay", id)
    (listed,) = json.loads(run("list", "--format", "json"))
    assert listed == {
        "id": id,
        "recipient": "acme",
        "journey": "nsclc",
        "status": "disabled",
        "tries": 0,
        "failing_since": None,
    }
    run("enable", id)
    assert "active" in run("list")


def test_addresses_and_secrets_are_listed_nowhere(run):
    _, secret = run("add", URL, "--recipient", "acme").split()
    output = run("list") + run("list", "--format", "json")
    assert "hooks" not in output
    assert secret not in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("add", "ftp://hooks.acme.example/", "--recipient", "acme"), "The address must be https://host/path"),
        (("add", "https://127.0.0.1:80/", "--recipient", "acme"), "The port must be one of 443."),
        (("add", "https://10.0.0.1/", "--recipient", "acme"), "on a host of the public internet"),
        (("add", URL, "--recipient", "Acme"), "The recipient must be"),
        (("enable", "unknown"), "No endpoint has this id. 'journeys webhooks list' shows them."),
        (("replay", "unknown"), "No endpoint has this id."),
    ],
)
def test_wrong_use_says_what_is_accepted(run, arguments, message):
    assert message in " ".join(run(*arguments, code=2).replace("│", " ").split())
