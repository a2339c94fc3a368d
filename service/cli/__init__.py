"""The command line: each command reads its options, makes one call, prints the result, and ends with 0, 1 or 2.

0: fine. 1: problems, printed on the output. 2: wrong use.
"""

from __future__ import annotations

import gc
from pathlib import Path

import rich_click as click

from service.cli.groups import LazyGroup

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

#: Under each heading of the help the commands: the module that has a command in its COMMANDS, and what it does.
COMMANDS = {
    "Write and try": {
        "new": ("service.cli.new", "Start a journey, a piece or a language"),
        "lint": ("service.cli.lint", "Check every file; each problem with its line"),
        "test": ("service.cli.stories", "Play all stories and compare with what they expect"),
        "play": ("service.cli.stories", "Print the transcript of a story or a persona"),
        "preview": ("service.cli.preview", "See the files as patients would read them"),
        "render": ("service.cli.render", "Print one piece as a patient would read it"),
        "reading": ("service.cli.readability", "Show the school grade of each text"),
        "questions": ("service.cli.questions", "Show what is asked in each state, and why"),
        "diagram": ("service.cli.graphs", "Draw states and transitions"),
        "translation": ("service.cli.translation", "Give texts to translators, and take them back"),
        "content": ("service.cli.content", "Keep each piece in one file"),
        "schema": ("service.cli.new", "Print the JSON Schema of a kind of file"),
        "demo": ("service.cli.demo", "Run a service with three made-up patients"),
    },
    "Analyse": {
        "paths": ("service.cli.graphs", "Count paths, and print paths that cover a journey"),
        "prove": ("service.cli.prove", "Decide for every possible patient what holds"),
        "compare": ("service.cli.releases", "Compare two releases and the patients in them"),
        "backtest": ("service.cli.releases", "Fold recorded events under another release"),
        "impact": ("service.cli.impact", "List what a change of files affects"),
    },
    "Review and publish": {
        "publish": ("service.cli.publish", "Publish definitions and content for review"),
        "pack": ("service.cli.pack", "Print the review pack of a journey"),
        "approve": ("service.cli.approvals", "Sign content, or show what waits"),
        "reject": ("service.cli.approvals", "Reject content in review, with a comment"),
        "submit": ("service.cli.approvals", "Put rejected content back into review"),
        "recall": ("service.cli.approvals", "Withdraw a piece from all patients at once"),
        "release": ("service.cli.approvals", "List the releases of a journey, activate one"),
        "migrate": ("service.cli.migrate", "Migrate all patients to another release"),
        "audit": ("service.cli.audit", "Print the audit trail of approvals"),
    },
    "Run the service": {
        "serve": ("service.cli.serve", "Run the HTTP interface and the worker"),
        "worker": ("service.cli.serve", "Fire due timers and send messages"),
        "db": ("service.cli.database", "Upgrade, back up, restore, examine the database"),
        "status": ("service.cli.operations", "Show whether the service is well, on one screen"),
        "resume": ("service.cli.operations", "Say that this machine's clock is right"),
        "account": ("service.cli.accounts", "Accounts of staff"),
        "token": ("service.cli.tokens", "Tokens of apps, families and staff"),
    },
    "Patients and other systems": {
        "messages": ("service.cli.messages", "Messages that wait or failed"),
        "registrations": ("service.cli.registrations", "Show where people leave the forms to join"),
        "surveys": ("service.cli.surveys", "Show what people answered to surveys"),
        "letters": ("service.cli.letters", "Print letters, and record what became of them"),
        "disclosures": ("service.cli.disclosures", "List what left about a person"),
        "content-history": ("service.cli.audit", "List the content that a patient was shown"),
        "webhooks": ("service.cli.webhooks", "Systems to which the feed is delivered"),
        "triggers": ("service.cli.triggers", "Report what happened in other systems"),
        "inbound": ("service.cli.inbound", "Take what arrives from outside"),
        "ingest": ("service.cli.fhir", "Import data of other systems"),
    },
}
#: Commands that are options of `journeys status` too, by their modules; the help does not list them.
UNLISTED = {
    "stuck": "service.cli.operations",
    "verify": "service.cli.operations",
    "doctor": "service.cli.doctor",
}
#: Commands by their former names.
ALIASES = {"trail": "audit", "shown": "content-history"}
#: New objects between two looks for garbage. Imports make more than 100,000, none of them garbage: with Python's 700
#: they are looked through again and again, which was a tenth of the time until a command began its work.
OBJECTS_UNTIL_COLLECTION = 300_000


@click.group(cls=LazyGroup, listed=COMMANDS, unlisted=UNLISTED, aliases=ALIASES, context_settings=HELP)
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
    gc.set_threshold(OBJECTS_UNTIL_COLLECTION)
