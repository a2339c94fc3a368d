"""What an entry of the ledger must say before it is recorded."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest

from journeys.permission import Authorization, ConsentText, PermissionEntry, problems_of_entry

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GRANT = PermissionEntry(
    id="1",
    kind="grant",
    by="patient",
    method="app",
    occurred_at=NOW,
    purpose="education",
    channel="email",
    text=ConsentText("consent", "1", "d", "en"),
)
SIGNED = Authorization(*(field.name for field in fields(Authorization)))
MARKETING = {"purpose": "marketing", "authorization": SIGNED, "until": NOW + timedelta(days=365)}


def test_a_grant_with_its_text_has_no_problem():
    assert problems_of_entry(GRANT) == {}
    assert problems_of_entry(replace(GRANT, purpose=None, channel=None)) == {}
    assert problems_of_entry(replace(GRANT, purpose="share:lab")) == {}


@pytest.mark.parametrize("by", ["patient", "caregiver", "staff", "carrier", "complaint", "provider"])
def test_everybody_may_revoke_without_a_text(by):
    assert problems_of_entry(replace(GRANT, kind="revoke", by=by, text=None)) == {}


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"purpose": "adverts"}, "purpose", "Accepted: education, treatment, adherence"),
        ({"purpose": "share:"}, "purpose", "share:<recipient>"),
        ({"purpose": ""}, "purpose", "Unknown purpose"),
        ({"channel": "fax"}, "channel", "Accepted: email, sms, push, post, webhook"),
        ({"method": ""}, "method", "app, phone or paper"),
        ({"by": "carrier"}, "by", "A carrier may revoke."),
        ({"by": "complaint"}, "by", "Only these may grant: patient, caregiver, staff."),
        ({"text": None}, "text", "approved text"),
        ({"by": "staff"}, "evidence", "where its proof is kept"),
        ({"until": NOW}, "until", "after its beginning"),
        ({"until": NOW - timedelta(days=1)}, "until", "after its beginning"),
        (MARKETING | {"authorization": None}, "authorization", "information, discloser, recipient, purpose, expires"),
        (MARKETING | {"until": None}, "until", "the instant at which the written authorization expires"),
    ],
)
def test_what_is_missing_or_unknown_is_named(change, field, says):
    problems = problems_of_entry(replace(GRANT, **change))
    assert list(problems) == [field]
    assert says in problems[field]


@pytest.mark.parametrize("name", [field.name for field in fields(Authorization)])
def test_marketing_needs_every_element_of_an_authorization(name):
    complete = replace(GRANT, **MARKETING)
    assert problems_of_entry(complete) == {}
    incomplete = replace(complete, authorization=replace(SIGNED, **{name: ""}))
    assert problems_of_entry(incomplete) == {"authorization": f"Marketing needs a written authorization with: {name}."}
