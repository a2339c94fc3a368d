"""Blueprints whose routes are documented by schemas, while queries and bodies are read by our own strict code."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, cast

import flask_smorest
from flask import request
from marshmallow import Schema

from journeys.primitives.errors import CallerError
from service.http.context import JSON, loaded
from service.http.operations import error_response
from service.platform.problems import STATUS

View = Callable[..., Any]


class Blueprint(flask_smorest.Blueprint):
    """A blueprint of the API."""

    def takes(self, schema: type[Schema]) -> Callable[[View], View]:
        """Documents the body of a route; the view reads the body itself."""
        body = {"required": True, "content": {JSON: {"schema": schema}}}
        return cast(Callable[[View], View], self.doc(requestBody=body))

    def refuses(self, *kinds: type[CallerError]) -> Callable[[View], View]:
        """Documents errors of a route that other routes like it do not have."""
        responses = {str(STATUS[kind.code]): error_response(kind) for kind in kinds}
        return cast(Callable[[View], View], self.doc(responses=responses))

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
