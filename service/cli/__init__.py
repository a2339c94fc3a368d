"""The command line: each command reads its options, makes one call, prints, and ends with 0, 1 or 2.

0: fine. 1: problems found, said on the output. 2: wrong use.
"""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from service.cli import (
    accounts,
    approving,
    authoring,
    benching,
    demonstrating,
    examining,
    ingesting,
    looking_after,
    moving,
    proving,
    reading,
    reviewing,
    running,
)

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=HELP)
@click.version_option(package_name="patient-journeys")
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Settings in a TOML file, as JOURNEYS_CONFIG names; options and JOURNEYS_* variables go before it.",
)
def main(config: Path | None) -> None:
    """Patient journeys: declare them, try them, publish them, run them.

    Begin with `journeys lint` and `journeys test`; `journeys demo` starts a service with three made-up patients.
    """


COMMANDS = (
    *authoring.COMMANDS,
    *benching.COMMANDS,
    proving.prove,
    *running.COMMANDS,
    *moving.COMMANDS,
    *reading.COMMANDS,
    *reviewing.COMMANDS,
    *looking_after.COMMANDS,
    accounts.account,
    *approving.COMMANDS,
    examining.doctor,
    ingesting.ingest,
    demonstrating.demo,
)

for command in COMMANDS:
    main.add_command(command)
