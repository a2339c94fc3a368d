"""The scripts, stylesheets and templates of walks, which each application serves at an address of its own."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint

FOLDER = Path(__file__).parent


def shared_parts(prefix: str) -> Blueprint:
    """Return a blueprint with the static files at an address, and the templates `walks/…`."""
    return Blueprint(
        "walks",
        __name__,
        static_folder="static",
        static_url_path="",
        template_folder="templates",
        url_prefix=prefix,
    )


def templates() -> Blueprint:
    """Return a blueprint with the templates only, for an application that serves the static files in its own way."""
    return Blueprint("walks", __name__, template_folder="templates")
