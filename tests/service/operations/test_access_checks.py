"""What `journeys doctor` says of how the service is reached, and of accounts and tokens that can do too much."""

import pytest

from journeys.review.approval import Requirements, read_requirements
from service.access import accounts
from service.app import create_app
from service.operations.access_checks import examine_accounts, examine_exposure
from service.operations.doctor import examine_all
from service.platform.configuration import Configuration
from service.platform.server import Server
from tests.ports import free_port
from tests.service.people import add


def exposure(**options):
    return {finding.check: finding for finding in examine_exposure(Configuration(**options))}


@pytest.mark.parametrize(
    ("options", "bad"),
    [
        ({}, set()),
        ({"host": "::1"}, set()),
        ({"host": "0.0.0.0"}, {"https", "names"}),  # noqa: S104 it is what is warned of
        ({"proxies": 1}, {"https", "names"}),
        ({"proxies": 1, "https": True}, {"names"}),
        ({"proxies": 1, "trusted_hosts": "api.example"}, {"https"}),
        ({"host": "10.0.0.5", "https": True, "trusted_hosts": "api.example"}, set()),
    ],
)
def test_a_service_that_others_reach_needs_https_and_its_names(options, bad):
    findings = exposure(**options)
    assert {name for name, finding in findings.items() if not finding.is_good} == bad
    assert all(findings[name].advice and not findings[name].is_warning for name in bad)


def warnings(clinic, requirements=None) -> dict[str, str]:
    findings = list(examine_accounts(clinic.service.database, requirements or Requirements()))
    assert all(finding.is_good or finding.is_warning for finding in findings)
    return {finding.check: finding.result for finding in findings if not finding.is_good}


def test_an_account_that_can_do_everything_alone_is_named(clinic):
    add(clinic, "ada", roles=["author", "publisher"], functions=(), locales=())
    add(clinic, "kim", roles=["author", "reviewer"])
    add(clinic, "lee", roles=["publisher", "reviewer"], functions=["legal"])
    assert warnings(clinic) == {}
    add(clinic, "eva", roles=["publisher", "reviewer"])
    assert warnings(clinic) == {"accounts": "alone may publish, sign and activate: eva"}
    both = read_requirements("structure=medical+legal")
    assert warnings(clinic, both) == {}
    add(clinic, "max", roles=["publisher", "reviewer"], functions=["medical", "legal"])
    assert warnings(clinic, both) == {}  # different functions need different people
    one_person = read_requirements("structure=medical+legal; different_people=false")
    assert warnings(clinic, one_person)["accounts"].endswith(": max")
    assert warnings(clinic, read_requirements("structure="))["accounts"].endswith(": ada, eva, lee, max")
    for name in ("eva", "max"):
        accounts.disable_account(clinic.service, name)
    assert warnings(clinic) == {}


@pytest.mark.long
def test_a_running_service_is_recognised_by_one_of_its_names(clinic):
    config = Configuration(database=clinic.config.database, port=free_port(), trusted_hosts="api.example")
    app = create_app(config, clock=clinic.clock, new_id=clinic.service.new_id, service=clinic.service)
    server = Server(app, config)
    try:
        finding = next(finding for finding in examine_all(config, clinic.clock) if finding.check == "port")
    finally:
        server.stop()
    assert finding.is_good and "this service answers there already" in finding.result
