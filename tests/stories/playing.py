"""Where the stories are, playing them, and what a patient could see at any line of one."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path

from journeys.authoring.stories import Played, Stage, compiled_once, play, read_story
from journeys.content.catalogue import Catalogue, select, world_of
from journeys.content.rendering import Renderer
from journeys.engine import Arrival, Enrollment, Event, State, advance
from journeys.engine.machine import Release
from journeys.primitives.canonical import canonical
from service.cli.files import Files, stories_in
from tests.folders import ROOT, SAMPLES
from tests.read_once import SAMPLE, SHIPPED

FOLDERS = {ROOT / "tests/stories": SHIPPED, SAMPLES / "stories": SAMPLE}
QUESTIONNAIRE = compiled_once()
STORIES = {
    f"{path.parent.name}/{path.stem}": (path, files)
    for folder, files in FOLDERS.items()
    for path in stories_in((str(folder),))
}


@lru_cache
def load(files: Files, journey: str) -> tuple[Release, Catalogue]:
    return files.load(journey)


@lru_cache
def played(name: str) -> Played:
    """The story, played once a process."""
    path, files = STORIES[name]
    story, problems = read_story(path.read_bytes(), str(path))
    assert problems == []
    assert story is not None
    stage = Stage(*load(files, story.journey), find=partial(find, path, files), questionnaire=QUESTIONNAIRE)
    return play(story, stage)


def find(path: Path, files: Files, name: str) -> tuple[Release, Catalogue] | None:
    return load(files, str(path.parent / name)) if (path.parent / name).is_file() else None


def catalogue_of(name: str, release: str) -> Catalogue:
    """The pieces of a release that a story is in at some time."""
    path, files = STORIES[name]
    story = played(name).story
    names = [story.journey, *(str(path.parent / step.target) for step in story.steps if step.action == "migrate")]
    return next(
        catalogue
        for catalogue_release, catalogue in (load(files, name) for name in names)
        if catalogue_release.id == release
    )


#: It remembers nothing about a patient; without it each page would be parsed anew at each step.
RENDERER = Renderer(4096)


def shown(catalogue: Catalogue, view: State, at: datetime) -> bytes:
    """All that a patient can see of a view: itself, its pieces, and each of them as a page, a text and a mail."""
    plan = catalogue.plan
    pages = [
        [selection.piece.key, locale, rendered.title, rendered.summary, rendered.subject, rendered.html, rendered.text]
        for selection in select(catalogue, view, at)
        for locale in plan.journey.locales
        for channel in ("page", "text", "email")
        for rendered in [
            RENDERER.render(selection.piece, plan, world_of(view, at, selection.stay), locale=locale, channel=channel),
        ]
    ]
    stored = view.to_stored()
    del stored["folded_to"]
    return canonical([stored, pages])


class Replay:
    """A story's enrollment, arrival by arrival, and what its patient can see."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.releases = played(name).releases
        self.enrollment = Enrollment(played(name).enrollment.id, played(name).enrollment.release)
        self.log: list[Arrival] = []

    def advance(self, arrivals: Sequence[Arrival], now: datetime) -> None:
        step = advance(self.releases, self.enrollment, partial(list, self.log), arrivals, now)
        self.log += arrivals
        self.enrollment = step.enrollment

    def twin(self) -> "Replay":
        """A patient about whom only what is not withheld was ever reported."""
        twin = Replay(self.name)
        for arrival in self.enrollment.told.visible(self.log):
            twin.advance([arrival], arrival.arrived_at)
        return twin

    def sees(self, at: datetime) -> bytes:
        view = self.enrollment.view
        assert view is not None
        return shown(catalogue_of(self.name, view.release), view, at)


def delivered(name: str, order: str, enrolled_first: bool = True) -> tuple[Enrollment, list[Arrival]]:
    """The enrollment after the same arrivals in another order, folded to long after the story; and its log.

    `soon` and `late` delay each arrival by up to five days or three years; `backwards` delivers all at the end, the
    last first. Nothing arrives before it happened, nor a retraction before what it names. Enrolling comes first, as
    in the service.
    """
    result = played(name)
    end = result.lines[-1].at + timedelta(days=2000)
    rng = random.Random(f"{name} {order}")
    times = {}
    for index, arrival in enumerate(result.log):
        happened = arrival.at if isinstance(arrival, Event) else arrival.arrived_at
        delay = timedelta(days=5 if order == "soon" else 1095) * rng.random()
        times[index] = end if order == "backwards" else happened + delay
    places = sorted(times, key=lambda index: (times[index], -index))
    enrollment = Enrollment(result.enrollment.id, result.enrollment.release)
    log = []
    now = times[places[0]]
    while places:
        still = {result.log[other].uid for other in places if isinstance(result.log[other], Event)}
        free = [index for index in places if not named_uids(result.log[index]) & still]
        index = 0 if enrolled_first and 0 in free else free[0]
        places.remove(index)
        now = max(now, times[index])
        arrival = replace(result.log[index], arrived_at=now)
        enrollment = stored(advance(result.releases, enrollment, partial(list, log), [arrival], now).enrollment)
        log.append(arrival)
    return stored(advance(result.releases, enrollment, partial(list, log), [], end).enrollment), log


def named_uids(arrival: Arrival) -> set[str]:
    """The events that an arrival takes back."""
    taken_back = arrival.replaces if isinstance(arrival, Event) else arrival.uid
    return {taken_back} if taken_back else set()


def stored(enrollment: Enrollment) -> Enrollment:
    """The enrollment after it went through its stored form."""
    return Enrollment.from_stored(enrollment.to_stored())


def folded_to_the_end(name: str) -> Enrollment:
    """The enrollment as the story leaves it, after the same time that `delivered` lets pass."""
    result = played(name)
    end = result.lines[-1].at + timedelta(days=2000)
    return advance(result.releases, result.enrollment, lambda: list(result.log), [], end).enrollment
