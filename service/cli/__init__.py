"""The command line: each command reads its options, makes one call, prints the result, and ends with 0, 1 or 2.

0: fine. 1: problems, printed on the output. 2: wrong use.
"""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from service.cli.groups import LazyGroup

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

#: The names of the commands, by the module that has them in its COMMANDS.
MODULES = {
    "service.cli.lint": ("lint",),
    "service.cli.stories": ("play", "test"),
    "service.cli.graphs": ("diagram", "paths"),
    "service.cli.render": ("render",),
    "service.cli.preview": ("preview",),
    "service.cli.new": ("new", "schema"),
    "service.cli.prove": ("prove",),
    "service.cli.serve": ("serve", "worker"),
    "service.cli.publish": ("publish",),
    "service.cli.tokens": ("token",),
    "service.cli.releases": ("compare", "backtest"),
    "service.cli.migrate": ("migrate",),
    "service.cli.readability": ("reading",),
    "service.cli.pack": ("pack",),
    "service.cli.impact": ("impact",),
    "service.cli.operations": ("status", "stuck", "verify", "resume"),
    "service.cli.database": ("db",),
    "service.cli.accounts": ("account",),
    "service.cli.approvals": ("approve", "reject", "submit", "recall", "release"),
    "service.cli.audit": ("audit", "content-history"),
    "service.cli.doctor": ("doctor",),
    "service.cli.fhir": ("ingest",),
    "service.cli.triggers": ("triggers",),
    "service.cli.inbound": ("inbound",),
    "service.cli.letters": ("letters",),
    "service.cli.messages": ("messages",),
    "service.cli.disclosures": ("disclosures",),
    "service.cli.webhooks": ("webhooks",),
    "service.cli.demo": ("demo",),
}
#: Commands by their former names.
ALIASES = {"trail": "audit", "shown": "content-history"}


@click.group(cls=LazyGroup, modules=MODULES, aliases=ALIASES, context_settings=HELP)
@click.version_option(package_name="patient-journeys")
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A TOML file of settings, as in JOURNEYS_CONFIG; options and JOURNEYS_* variables take precedence.",
)
def main(config: Path | None) -> None:
    """Patient journeys: declare them, try them, publish them, run them.

    Begin with `journeys lint` and `journeys test`; `journeys demo` starts a service with three made-up patients.
    """
