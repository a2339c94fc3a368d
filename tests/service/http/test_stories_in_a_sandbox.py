"""Stories over HTTP in a sandbox whose clock is moved: state, screen, tasks and news are those of the transcript."""

import pytest

from journeys.authoring.stories import Stage, play, read_story
from journeys.primitives.canonical import time_text
from service.operations.verify import verify_all
from tests.folders import ROOT
from tests.service.http.test_stories_over_http import Playing, hospital
from tests.stories.playing import SHIPPED, load

__all__ = ["hospital"]


class InSandbox(Playing):
    """Moves the clock of its sandbox; the clock of the service is at the beginning of the story."""

    def __init__(self, clinic, story):
        super().__init__(clinic, story, sandbox=True)

    @property
    def now(self):
        return self._now

    def move_clock(self, target):
        self._now = target
        if self.enrollment is None:
            self.clinic.clock.now = target
        else:
            answer = self.clinic.post(
                f"/v1/enrollments/{self.enrollment}/clock", self.clinic.phone, {"to": time_text(target)}
            )
            assert (answer.status, answer["clock"]) == (200, time_text(target)), answer.data

    def at_present(self):
        """State, news, tasks, end and screen as the service answers now, in the words of a story."""
        address = f"/v1/enrollments/{self.enrollment}"
        truth = self.clinic.read(self.enrollment, self.clinic.staff)["now"]
        told = self.clinic.read(self.enrollment, self.mine)["now"]
        view = self.clinic.get(f"{address}/view", self.mine)
        tasks = self.clinic.get(f"/v1/tasks?status=open&enrollment={self.enrollment}", self.clinic.staff)["items"]
        return {
            "state": {track: where["state"] for track, where in truth["state"].items()},
            "patient_state": {track: where["state"] for track, where in told["state"].items()},
            "sees": [card["key"] for card in view["cards"]],
            "tasks": sorted("tell" if task["kind"] == "tell" else task["title"] for task in tasks),
            "held": "true" if truth["held"] else "false",
            "ended": truth["ended"]["type"] if truth["ended"] else "",
        }


@pytest.mark.long
@pytest.mark.parametrize(
    ("database_url", "name"),
    [
        pytest.param("sqlite", "nsclc/24-scan-overdue"),
        pytest.param("sqlite", "nsclc/01-stage-one-to-hospice"),
        pytest.param("sqlite", "nsclc/14-two-things-to-tell"),
        pytest.param("sqlite", "nsclc/58-beyond-year-five"),
        pytest.param("sqlite", "diabetes/15-overdue-visit"),
        pytest.param("postgresql", "nsclc/24-scan-overdue", marks=pytest.mark.postgres),
        pytest.param("postgresql", "nsclc/01-stage-one-to-hospice", marks=pytest.mark.postgres),
    ],
    indirect=["database_url"],
)
def test_a_story_in_a_sandbox_is_the_story(hospital, name):
    path = ROOT / f"tests/stories/{name}.yaml"
    story, problems = read_story(path.read_bytes(), path.name)
    assert not problems
    transcript = play(story, Stage(*load(SHIPPED, story.journey))).actual
    playing = InSandbox(hospital, story)
    for number, step in enumerate(story.steps):
        playing.set_clock(step)
        if step.action:
            playing.do(number, step)
        in_story = transcript[number] | {"tasks": sorted(transcript[number]["tasks"])}
        answered = playing.at_present()
        assert answered == {key: in_story[key] for key in answered}, f"step {number + 1}"
    assert list(verify_all(hospital.service)) == []
    assert hospital.clock.now < playing.now
