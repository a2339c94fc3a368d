"""Small journeys made by hand, compiled; and a stage without content to play their stories on."""

from functools import lru_cache

from journeys.analysis.paths import Path, to_story
from journeys.authoring.lint import lint_journey
from journeys.authoring.stories import Stage, play, read_story
from journeys.content.catalogue import Catalogue
from journeys.definition.reading import read_journey
from journeys.engine.machine import Release, make_release
from journeys.primitives.problems import only_errors


@lru_cache
def release_of(tracks: str, before: str = "") -> Release:
    """The release of some tracks; it must lint clean."""
    text = f"journey: small\ntitle: {{en: Small}}\nlocales: [en]\n{before}tracks:\n{tracks}"
    journey, problems = read_journey(text.encode(), "small.yaml")
    problems = [*problems, *lint_journey(journey)]
    assert not only_errors(problems), "\n".join(map(str, only_errors(problems)))
    return make_release(journey)


def played(release: Release, path: Path) -> list[object]:
    """What goes wrong when a path is played as a story; nothing is shown to the patient."""
    story, problems = read_story(to_story(path, release.plan).encode(), "path.yaml")
    assert story is not None, problems
    done = play(story, Stage(release, Catalogue(release.plan, {})))
    return [*problems, *done.problems, *done.mismatches]
