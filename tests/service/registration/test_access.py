"""The pages of registration are for anybody; a form that was sent from elsewhere stores nothing and counts nothing."""

import re

import pytest

from service.platform.database.tables import registration_counts, registration_drafts, registration_sends

VALUES = {"programme": "riverside", "step": "language", "link": "x", "name": "registration.css"}
PAGES = {
    "GET": {"asset", "start_page", "step_page", "code_page", "done_page", "later_page", "resume_page"},
    "POST": {"begin", "forget", "answer_step", "confirm", "send_later", "resume"},
}


def addresses(joiners, method):
    rules = [rule for rule in joiners.app.url_map.iter_rules() if rule.endpoint.startswith("registration.")]
    return {
        rule.endpoint.partition(".")[2]: re.sub(r"<(\w+)>", lambda name: VALUES[name[1]], rule.rule)
        for rule in rules
        if method in rule.methods
    }


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_page_is_known(joiners, method):
    assert addresses(joiners, method).keys() == PAGES[method]


def test_no_page_needs_a_token_or_fails_without_a_draft(joiners):
    statuses = {
        name: joiners.app.test_client().get(path).status_code for name, path in addresses(joiners, "GET").items()
    }
    assert statuses.keys() == PAGES["GET"]
    assert {name for name, status in statuses.items() if status in (401, 403) or status >= 500} == set()


def test_a_form_of_another_site_stores_nothing(joiners):
    for path in addresses(joiners, "POST").values():
        answer = joiners.app.test_client().post(path, data={"answer": "en"}, headers={"Origin": "https://evil.example"})
        assert answer.status_code in (303, 400, 403, 404, 410), (path, answer.status_code)
    assert [joiners.rows(table) for table in (registration_drafts, registration_sends, registration_counts)] == [
        [],
        [],
        [],
    ]
