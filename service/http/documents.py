"""The OpenAPI document and the page that shows it. Every file is served by this service."""

from __future__ import annotations

import json
from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Response, current_app
from werkzeug.exceptions import NotFound

from service.platform.page_frame import policy_of_pages

blueprint = Blueprint("documents", __name__)

DIST = Path(flask_swagger_ui.__file__).parent / "dist"
ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
START = "start.js"

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Patient journeys: the API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
SCRIPT = """window.onload = () => SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#page", deepLinking: true, validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis]
});
"""
POLICY = policy_of_pages(
    "script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'", form_action="none"
)


@blueprint.route("/")
def root() -> Response:
    """The way to the page of the API, for somebody who types the address of the service."""
    return Response(status=302, headers={"Location": "/docs"})


@blueprint.route("/openapi.json")
def openapi() -> Response:
    """The OpenAPI document."""
    api = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    return Response(json.dumps(api.spec.to_dict(), ensure_ascii=False), mimetype="application/json")


@blueprint.route("/docs")
def page() -> Response:
    """A page that shows the document."""
    response = Response(PAGE, mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    return response


@blueprint.route("/docs/<name>")
def asset(name: str) -> Response:
    """A file of that page."""
    if name == START:
        return Response(SCRIPT, mimetype="text/javascript")
    if name not in ASSETS:
        raise NotFound
    return Response((DIST / name).read_bytes(), mimetype=ASSETS[name])
