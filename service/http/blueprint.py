"""Blueprints whose routes are documented by schemas, while queries and bodies are read by our own strict code."""

from __future__ import annotations

import functools
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import flask_smorest
from flask import request
from marshmallow import Schema

from service.http.context import loaded

View = Callable[..., Any]


class Blueprint(flask_smorest.Blueprint):
    """A blueprint of the API."""

    def takes(self, schema: type[Schema]) -> Callable[[View], View]:
        """Documents the body of a route; the view reads the body itself."""

        def decorate(view: View) -> View:
            @functools.wraps(view)
            def wrapped(*args: Any, **kwargs: Any) -> Any:
                return view(*args, **kwargs)

            parameter: dict[str, Any] = {"in": "json", "required": True, "schema": schema}
            example = getattr(schema, "example", None)
            return _documented(wrapped, parameter | ({"example": example} if example is not None else {}))

        return decorate

    def asks(self, schema: type[Schema]) -> Callable[[View], View]:
        """Documents the parameters of an address and passes their checked values to the view."""
        reader = schema()
        is_optional = not any(field.required for field in reader.fields.values())

        def decorate(view: View) -> View:
            @functools.wraps(view)
            def wrapped(*args: Any, **kwargs: Any) -> Any:
                query = {} if is_optional and not request.query_string else loaded(reader, request.args.to_dict())
                return view(query, *args, **kwargs)

            return _documented(wrapped, {"in": "query", "required": not is_optional, "schema": schema})

        return decorate


def _documented(view: Any, parameter: dict[str, Any]) -> View:
    """The view with one more parameter in its documentation, where flask-smorest looks for it."""
    documented: dict[str, Any] = deepcopy(getattr(view, "_apidoc", {}))
    documented.setdefault("arguments", {}).setdefault("parameters", []).append(parameter)
    view._apidoc = documented
    return view  # type: ignore[no-any-return]
