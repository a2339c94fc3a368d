"""`journeys publish`: publish definitions and content from files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.problems import counted, only_errors
from service.cli.acting import acting_option, sign_in
from service.cli.approvals import next_steps
from service.cli.files import Files, files_options
from service.cli.options import database_option, format_option, options_as, stories_option
from service.cli.output import Writers, exit_if, write_lines
from service.cli.progress import problem_line, progress_bar
from service.cli.release_options import policy_of
from service.cli.startup import opened
from service.releases.policies import MAP, POLICIES

if TYPE_CHECKING:
    from service.publishing.approvals import ReleaseStatus
    from service.publishing.publish import Publishing
    from service.releases.policy import PolicyChoice


@dataclass(frozen=True, slots=True)
class PublishingReport:
    """The result of publishing, and the newest release of each published journey."""

    result: Publishing
    releases: list[ReleaseStatus]


@dataclass(frozen=True, slots=True)
class PolicyOptions:
    """The options on the patients in earlier releases: a policy, and the file of a mapping."""

    policy: str | None
    mapping: Path | None

    def chosen_for(self, journeys: tuple[str, ...]) -> PolicyChoice | None:
        """The policy for the journeys to publish.

        Raises:
            UsageError: the options do not fit each other.
        """
        if (self.policy == MAP) != (self.mapping is not None):
            raise click.UsageError("The policy map needs --map FILE, and --map needs --policy map.")
        if self.mapping is not None and len(journeys) != 1:
            raise click.UsageError("A mapping belongs to one journey: name that journey.")
        from service.releases.policy import PolicyChoice

        return policy_of(self.mapping) or (PolicyChoice(self.policy) if self.policy is not None else None)


policy_options = options_as(
    "migration",
    PolicyOptions,
    click.option(
        "--policy",
        type=click.Choice(POLICIES),
        help="The migration policy for patients in earlier releases: see below.",
    ),
    click.option(
        "--map",
        "mapping",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="For the policy map: a file with a line `old state: new state` for each state, in full paths; a list for "
        "several tracks.",
    ),
)


@click.command()
@click.argument("journeys", nargs=-1)
@policy_options
@stories_option
@database_option
@files_options
@acting_option
@format_option
def publish(
    journeys: tuple[str, ...],
    migration: PolicyOptions,
    stories: Path,
    database: str | None,
    files: Files,
    account: str,
    form: str,
) -> None:
    """Publish definitions and content from files, for review: all files, or none where lint reports an error.

    JOURNEYS are the keys of the journeys to publish; all by default. The account that publishes needs the role author
    or publisher. It is recorded as the author, and may not sign what it published. Patients only see content that has
    been signed (`journeys approve`), of an active release (`journeys release activate`). The stories of a journey are
    published with it, for reviewers to replay.

    Patients in an earlier release stay there (`pin`), or can be migrated afterwards by `journeys migrate`: by the names
    of states and the renames that the release declares (`follow`), or by a mapping file (`map`). With `follow` and
    `map`, nothing is published while any patient's state has no target.

    Examples: `journeys publish --as maria`, `journeys publish nsclc --as maria --policy follow`
    """
    from service.access.accounts import author_of
    from service.publishing import approvals
    from service.publishing.publish import publish_from_files
    from service.publishing.stories import publish_stories

    chosen = migration.chosen_for(journeys)
    with opened(database, creates=True) as service:
        author = author_of(sign_in(service, account))
        with progress_bar("Checking and publishing"):
            result = publish_from_files(
                service, files.definitions, files.content, only=journeys, policy=chosen, author=author
            )
        releases = [approvals.list_release_statuses(service, published.journey)[0] for published in result.journeys]
        problems = publish_stories(service, stories, [published.journey for published in result.journeys])
    write_lines(problems, err=True)
    PUBLICATION.write(PublishingReport(result, releases), form)
    exit_if(not result.is_done)


def _lines(publication: PublishingReport) -> Iterator[str]:
    yield from publishing_in_words(publication.result)
    for published, newest in zip(publication.result.journeys, publication.releases, strict=True):
        yield from (f"  {step}" for step in next_steps(published.journey, published.in_review, newest))


def publishing_in_words(result: Publishing) -> Iterator[str]:
    """The problems, then a line for each published journey."""
    for problem in result.problems:
        yield problem_line(problem)
    if not result.is_done:
        yield f"Nothing was published: {counted(len(only_errors(result.problems)), 'problem')}."
    for published in result.journeys:
        pieces = (
            f"{counted(len(published.added), 'piece')} added, {len(published.changed)} changed, "
            f"{len(published.withdrawn)} withdrawn"
        )
        release = f"release {published.number}" + ("" if published.is_new_release else " (as before)")
        programmes = f", programmes: {', '.join(published.programmes)}" if published.programmes else ""
        sources = f", sources: {', '.join(published.sources)}" if published.sources else ""
        yield f"{published.journey}: {release}, {pieces}{programmes}{sources}"
        for misfit in published.misfits:
            older = misfit.release[:8]
            yield f"  {misfit.piece} does not fit release {older}, which has enrollments; they see an older version"


def _as_json(publication: PublishingReport) -> dict[str, Any]:
    result = publication.result
    return {
        "published": result.is_done,
        "problems": [problem.as_dict() for problem in result.problems],
        "journeys": [
            {
                "journey": published.journey,
                "release": published.release,
                "number": published.number,
                "added": list(published.added),
                "changed": list(published.changed),
                "withdrawn": list(published.withdrawn),
                "programmes": list(published.programmes),
                "sources": list(published.sources),
                "in_review": len(published.in_review),
                "misfits": [{"piece": misfit.piece, "release": misfit.release} for misfit in published.misfits],
            }
            for published in result.journeys
        ],
    }


PUBLICATION: Writers[PublishingReport] = Writers(as_text=_lines, as_json=_as_json)


COMMANDS = (publish,)
