"""`journeys pack`: the review pack of a journey. It touches no database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.problems import did_you_mean, only_errors
from service.cli.files import Files, files_options, read_option_file, refuse
from service.cli.output import exit_if
from service.cli.progress import progress_bar

if TYPE_CHECKING:
    from journeys.authoring.lint import Linted

#: The most bytes of an earlier pack; that of the shipped lung cancer journey has less than 3 MB.
MAX_PACK_BYTES = 64 * 1024 * 1024


@click.command(name="pack")
@click.argument("journey")
@click.option("--locale", "locales", multiple=True, help="A language; may be repeated. All by default.")
@click.option("--format", "form", type=click.Choice(["html", "text", "json"]), default="html", show_default=True)
@click.option(
    "--since",
    type=click.Path(exists=True, path_type=Path),
    help="Show the changes since an earlier pack (JSON), or since a folder with earlier definitions and content.",
)
@files_options
def pack(journey: str, locales: tuple[str, ...], form: str, since: Path | None, files: Files) -> None:
    """Print the review pack of a journey: every page that a patient can see, each rule in words, and their counts.

    Ends with 1 where the number of renderings differs from the computed number.

    Examples: `journeys pack nsclc > pack.html`, `journeys pack nsclc --locale es --format text`
    """
    from journeys.engine.machine import make_release
    from journeys.review.documents import pack_document, pack_text
    from journeys.review.pack import make_pack
    from journeys.review.stored import to_json
    from journeys.review.ways import ways_to

    with progress_bar("Making the pack"):
        linted = _lint_strictly(files.definition(journey), files.content)
        assert linted.plan is not None
        assert linted.catalogue is not None
        declared = linted.plan.journey.locales
        for locale in locales:
            if locale not in declared:
                raise click.UsageError(f"Unknown language '{locale}'.{did_you_mean(locale, declared)}")
        review_pack = make_pack(
            linted.plan,
            linted.catalogue.pieces.values(),
            linted.programmes,
            locales=locales,
            ways=ways_to(make_release(linted.plan.journey), linted.catalogue),
            since=_read_earlier_pack(since, linted.plan.journey.key) if since is not None else None,
            since_name=since.name if since is not None else "",
        )
    match form:
        case "html":
            click.echo(pack_document(review_pack), nl=False)
        case "text":
            click.echo(pack_text(review_pack), nl=False)
        case _:
            click.echo(json.dumps(to_json(review_pack), ensure_ascii=False))
    exit_if(not review_pack.is_complete)


def _lint_strictly(definition: Path, content: Path) -> Linted:
    """A journey without errors; errors end the command, because the pack could lack a page."""
    from journeys.authoring.lint import lint_files

    linted = lint_files(definition, content)
    if not linted.is_publishable or only_errors(linted.problems):
        refuse(linted)
    return linted


def _read_earlier_pack(path: Path, journey: str) -> Mapping[str, Any]:
    """An earlier pack, read from a file or made from a folder of earlier files."""
    from journeys.review.pack import FORM, make_pack
    from journeys.review.stored import to_json

    if path.is_dir():
        definition = path / "definitions" / f"{journey}.yaml"
        if not definition.is_file():
            raise click.UsageError(
                f"--since: {definition} does not exist; the folder must have definitions/ and content/."
            )
        linted = _lint_strictly(definition, path / "content")
        assert linted.plan is not None
        assert linted.catalogue is not None
        earlier: Mapping[str, Any] = to_json(
            make_pack(linted.plan, linted.catalogue.pieces.values(), linted.programmes)
        )
        return earlier
    try:
        stored = json.loads(read_option_file(path, MAX_PACK_BYTES))
    except (ValueError, RecursionError):
        stored = None
    if not isinstance(stored, dict) or stored.get("form") != FORM or stored.get("journey") != journey:
        raise click.UsageError(
            f"--since: {path} is not a pack of '{journey}'. Create one with: journeys pack {journey} --format json"
        )
    return stored


COMMANDS = (pack,)
