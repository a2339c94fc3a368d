"""Blueprints whose routes are documented by schemas, while queries and bodies are read by our own strict code."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, cast

import flask_smorest
from flask import request
from marshmallow import Schema

from service.http.context import JSON, loaded

View = Callable[..., Any]


class Blueprint(flask_smorest.Blueprint):
    """A blueprint of the API."""

    def takes(self, schema: type[Schema]) -> Callable[[View], View]:
        """Documents the body of a route; the view reads the body itself."""
        content: dict[str, Any] = {"schema": schema}
        example = getattr(schema, "example", None)
        if example is not None:
            content["example"] = example
        return cast(Callable[[View], View], self.doc(requestBody={"required": True, "content": {JSON: content}}))

    def asks(self, schema: type[Schema]) -> Callable[[View], View]:
        """Documents the parameters of an address and passes their checked values to the view."""
        reader = schema()
        is_optional = not any(field.required for field in reader.fields.values())
        documented = self.doc(parameters=[{"in": "query", "required": not is_optional, "schema": schema}])

        def decorate(view: View) -> View:
            @functools.wraps(view)
            def wrapped(*args: Any, **kwargs: Any) -> Any:
                query = {} if is_optional and not request.query_string else loaded(reader, request.args.to_dict())
                return view(query, *args, **kwargs)

            return cast(View, documented(wrapped))

        return decorate
