"""Walks in the reviewers' room: a story is replayed, events are chosen, a piece leads to a patient who sees it."""

import json
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlalchemy import func, select

from journeys.authoring.stories import read_story
from service.platform.database.tables import enrollments
from service.publishing import review
from service.publishing.stories import list_stories, publish_stories
from tests.folders import SAMPLES

RELEASE = "/room/journeys/follow_up/releases/1"


def followed(visitor, address):
    """The page that an address leads to."""
    answer = visitor.get(address)
    return visitor.get(answer.location) if answer.status in (302, 303) else answer


@pytest.fixture
def stories(clinic, tmp_path):
    """The published stories of the sample."""
    folder = tmp_path / "stories" / "follow_up"
    folder.mkdir(parents=True)
    for path in (SAMPLES / "stories").glob("*.yaml"):
        (folder / path.name).write_bytes(path.read_bytes())
    assert publish_stories(clinic.service, tmp_path / "stories", ["follow_up"]) == []
    return folder


def test_a_path_is_walked_step_by_step_with_what_is_told_and_shown(clinic, reviewer):
    first = followed(reviewer, f"{RELEASE}/paths/disease.recurrence")
    assert "Step 1 of" in first.text and "joins" in first.text
    steps = [link for link in first.links if "/walk?" in link and "step=" in link]
    last = max(int(parse_qs(urlsplit(link).query)["step"][0]) for link in steps)
    assert last > 1
    by_step = {int(parse_qs(urlsplit(link).query)["step"][0]): link for link in steps}
    pages = [reviewer.get(by_step[step]) for step in range(1, last + 1)]
    assert [page.status for page in pages] == [200] * last
    assert "disease.recurrence" in pages[-1].source
    assert any("Held: the patient was not told yet" in page.text for page in pages)
    texts = review.open_release(clinic.service, "follow_up", 1).pieces["where-to-ask"].texts
    assert all(text.title in pages[0].text for text in texts.values())
    beyond = by_step[1].replace("step=1", f"step={last + 1}")
    assert reviewer.get(beyond).status == 404
    assert reviewer.get(f"{RELEASE}/paths/disease.nowhere").status == 404


def test_a_published_story_is_replayed_and_recorded_again(reviewer, stories):
    page = reviewer.get(f"{RELEASE}/paths")
    assert "The recurrence is held until it is told" in page.text or "2-recurrence-held" in page.text
    begun = reviewer.get(f"{RELEASE}/stories/2-recurrence-held")
    query = urlsplit(begun.location).query
    steps = len(read_story((stories / "2-recurrence-held.yaml").read_bytes(), "")[0].steps)
    last = query.replace("step=1", f"step={steps}")
    recorded = reviewer.get(f"{RELEASE}/walk/story.yaml?{last}")
    assert recorded.headers["Content-Disposition"] == 'attachment; filename="walk.yaml"'
    story, problems = read_story(recorded.data, "walk.yaml")
    assert problems == [] and len(story.steps) == steps and all(step.expect for step in story.steps)
    assert reviewer.get(f"{RELEASE}/stories/absent").status == 404


def test_stories_are_published_in_place_of_the_earlier_ones_and_a_broken_one_is_named(clinic, stories):
    (stories / "1-scan-due.yaml").unlink()
    (stories / "broken.yaml").write_text("story: broken\n")
    (stories / "other.yaml").write_text("story: x\njourney: other\nsteps:\n  - {on: 2026-01-01, enroll: }\n")
    problems = publish_stories(clinic.service, stories.parent, ["follow_up"])
    assert {problem.file for problem in problems} == {str(stories / "broken.yaml")}
    names = [name for name, _ in list_stories(clinic.service, "follow_up")]
    assert names == sorted(path.stem for path in (SAMPLES / "stories").glob("*.yaml") if path.stem != "1-scan-due")


def test_publishing_from_elsewhere_keeps_the_stories_that_were_published(clinic, stories, tmp_path):
    before = list_stories(clinic.service, "follow_up")
    assert publish_stories(clinic.service, tmp_path / "no-stories", ["follow_up"]) == []
    assert before and list_stories(clinic.service, "follow_up") == before


def test_a_piece_leads_to_a_patient_who_sees_it(clinic, reviewer):
    opened = review.open_release(clinic.service, "follow_up", 1)
    for key, piece in opened.pieces.items():
        if piece.kind != "page":
            continue
        page = followed(reviewer, f"{RELEASE}/pieces/{key}/path")
        assert page.status == 200
        assert f'id="piece-{key}"' in page.source or "No path" in page.text, key
    assert reviewer.get(f"{RELEASE}/pieces/absent/path").status == 404


def test_events_are_chosen_freely_and_nothing_is_stored(clinic, reviewer):
    address = f"{RELEASE}/walk/step"
    joined = reviewer.get(address, query_string={"add": '{"begin": "in_follow_up"}'})
    assert joined.status == 200
    location = joined.response.json["address"]
    query = parse_qs(urlsplit(location).query)
    step = {"walk": query["walk"][0], "step": "1", "add": '{"report": "recurrence_confirmed", "by": "staff"}'}
    held = reviewer.get(reviewer.get(address, query_string=step).response.json["address"])
    assert "Held: the patient was not told yet" in held.text
    wrong = reviewer.get(address, query_string={**step, "add": '{"report": "recurrence"}'})
    assert wrong.status == 422 and wrong.response.json["code"] == "invalid"
    with clinic.service.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(enrollments)).scalar() == 0


@pytest.mark.parametrize(
    ("changed", "add", "status"),
    [
        ({}, '{"retract": [1]}', 422),
        ({}, '{"report": "\\ud800"}', 422),
        ({}, '{"report": "scan_done", "facts": {"a": {"b": 1}}}', 422),
        ({}, "x" * 3_000, 422),
        ({"locale": "xx"}, '{"begin": "in_follow_up"}', 422),
        ({"step": "0"}, '{"wait": "P1D"}', 404),
        ({"step": "-1"}, '{"wait": "P1D"}', 404),
        ({"step": str(10**30)}, '{"wait": "P1D"}', 404),
        ({"walk": "absent"}, '{"wait": "P1D"}', 404),
        ({"programme": "absent"}, '{"wait": "P1D"}', 200),
    ],
)
def test_an_odd_step_is_refused_in_words(reviewer, stories, changed, add, status):
    begun = urlsplit(reviewer.get(f"{RELEASE}/stories/2-recurrence-held").location).query
    query = {**{name: values[0] for name, values in parse_qs(begun).items()}, **changed, "add": add}
    answer = reviewer.get(f"{RELEASE}/walk/step?{urlencode(query)}")
    body = json.loads(answer.data)
    assert answer.status == status
    assert status == 200 or body["title"].endswith(".")
    assert (status == 422) == bool(body.get("errors"))
