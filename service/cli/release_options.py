"""Options and lines that `journeys compare`, `backtest` and `migrate` share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from service.cli.files import read_option_file
from service.cli.options import options_as

if TYPE_CHECKING:
    from journeys.analysis.comparison import FoldDifference
    from service.releases.policy import PolicyChoice

map_option = click.option(
    "--map",
    "mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with a line `old state: new state`, in full paths, for each renamed state; a list for several tracks.",
)
ids_option = click.option("--ids", is_flag=True, help="Name each enrollment; for staff only.")


@dataclass(frozen=True, slots=True)
class Target:
    """The release to compare with or to migrate to (None: the files), and the mapping to its states."""

    to: str | None
    mapping: Path | None


target_options = options_as(
    "target",
    Target,
    click.option("--to", help="A published release, by its number or id; by default the release in the files."),
    map_option,
)


def policy_of(mapping: Path | None) -> PolicyChoice | None:
    """The migration policy of a mapping file, or None without a file."""
    from service.releases.policies import MAP
    from service.releases.policy import PolicyChoice

    return PolicyChoice(MAP, read_option_file(mapping), str(mapping)) if mapping is not None else None


def difference_counts(counts: Mapping[FoldDifference, int]) -> Iterator[str]:
    """A line for each difference, with the number of enrollments that it has."""
    for difference, count in sorted(counts.items()):
        yield f"{count:7,}  {difference.in_words()}"


def difference_counts_as_json(counts: Mapping[FoldDifference, int]) -> list[dict[str, Any]]:
    """The same, as values for JSON."""
    return [difference_as_json(difference) | {"enrollments": count} for difference, count in sorted(counts.items())]


def difference_as_json(difference: FoldDifference) -> dict[str, Any]:
    """A difference with all its fields."""
    return {
        "what": difference.subject,
        "name": difference.name,
        "before": difference.before,
        "after": difference.after,
    }
