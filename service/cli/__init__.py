"""The command line: each command reads its options, makes one call, prints, and ends with 0, 1 or 2.

0: fine. 1: problems found, said on the output. 2: wrong use.
"""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from service.cli.groups import LazyGroup

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

#: The names of every command, by the module that has them in its COMMANDS.
MODULES = {
    "service.cli.authoring": ("lint", "play", "test", "diagram", "paths", "render"),
    "service.cli.preview": ("preview", "new", "schema"),
    "service.cli.prove": ("prove",),
    "service.cli.serve": ("serve", "worker", "publish", "token"),
    "service.cli.releases": ("compare", "backtest", "migrate"),
    "service.cli.readability": ("reading",),
    "service.cli.review": ("pack", "impact"),
    "service.cli.operations": ("status", "stuck", "verify", "db"),
    "service.cli.accounts": ("account",),
    "service.cli.approvals": ("approve", "reject", "recall", "release", "trail", "shown"),
    "service.cli.doctor": ("doctor",),
    "service.cli.fhir": ("ingest",),
    "service.cli.demo": ("demo",),
}


@click.group(cls=LazyGroup, modules=MODULES, context_settings=HELP)
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
