"""Options that commands share; reading them touches nothing."""

from __future__ import annotations

import rich_click as click

database_option = click.option(
    "--database", metavar="URL", help="Where the store is; JOURNEYS_DATABASE, or sqlite:///journeys.db, unless given."
)
format_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
definitions_option = click.option(
    "--definitions",
    default="definitions",
    show_default=True,
    type=click.Path(file_okay=False),
    help="The folder of definitions.",
)
programme_option = click.option(
    "--programme", default="", help="The programme whose values texts show; the first unless given."
)
content_option = click.option(
    "--content",
    default="content",
    show_default=True,
    type=click.Path(file_okay=False),
    help="The folder of content.",
)
