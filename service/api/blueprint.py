"""Blueprints whose routes are documented by schemas, while bodies are read by our own strict parser."""

from __future__ import annotations

import functools
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import flask_smorest
from marshmallow import Schema
from webargs.flaskparser import FlaskParser

View = Callable[..., Any]


class QueryParser(FlaskParser):
    """Reads parameters of the address; what is wrong with them is a problem detail like any other."""

    DEFAULT_VALIDATION_STATUS = 422


class Blueprint(flask_smorest.Blueprint):
    """A blueprint of the API."""

    ARGUMENTS_PARSER = QueryParser()

    def takes(self, schema: type[Schema], *, content_type: str = "application/json") -> Callable[[View], View]:
        """Documents the body of a route; the view reads it itself, strictly and in its own time."""

        def decorate(view: View) -> View:
            @functools.wraps(view)
            def wrapped(*args: Any, **kwargs: Any) -> Any:
                return view(*args, **kwargs)

            documented: dict[str, Any] = deepcopy(getattr(wrapped, "_apidoc", {}))
            parameters = documented.setdefault("arguments", {}).setdefault("parameters", [])
            parameters.append({"in": "json", "required": True, "schema": schema, "content_type": content_type})
            wrapped._apidoc = documented  # type: ignore[attr-defined]
            return wrapped

        return decorate
