"""Somebody who visits the room with a browser that runs no script."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from service.platform.browser import FIELD
from service.staff_pages.room import COOKIE
from tests.service.people import PASSWORD, add


class Visitor:
    """Opens pages and sends their forms; remembers what a browser remembers."""

    def __init__(self, app) -> None:
        self.client = app.test_client()

    def get(self, path, **options):
        return Page(self.client.get(path, headers={"Host": "localhost"}, **options))

    def post(self, path, data=None, *, proof=True, headers=None, **options):
        """Sends a form, with the proof that it came from here unless told otherwise."""
        fields = dict(data or {})
        if proof:
            fields.setdefault(FIELD, self.proof())
        headers = {"Host": "localhost", **(headers or {})}
        return Page(self.client.post(path, data=fields, headers=headers, **options))

    def proof(self) -> str:
        from service.platform.browser import proof

        return proof(self.kept or "")

    @property
    def kept(self) -> str | None:
        cookie = self.client.get_cookie(COOKIE.name)
        return cookie.value if cookie is not None else None

    def sign_in(self, name, password=PASSWORD, *, at="/room"):
        self.get(f"{at}/sign-in")
        return self.post(f"{at}/sign-in", {"name": name, "password": password})


class Page:
    """An answer, with its text as it is read."""

    def __init__(self, response) -> None:
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.data = response.get_data()
        self.source = self.data.decode(errors="replace")

    @property
    def location(self) -> str:
        return self.headers.get("Location", "").removeprefix("http://localhost")

    @property
    def text(self) -> str:
        """What is read: without marks, blanks as one."""
        bare = re.sub(r"<(style|script).*?</\1>", " ", self.source, flags=re.DOTALL)
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", bare))).strip()

    @property
    def links(self) -> list[str]:
        return [value for tag, values in self.tags() if tag == "a" for value in [values.get("href")] if value]

    def tags(self):
        result = []

        class Reader(HTMLParser):
            def handle_starttag(self, tag, attrs):
                result.append((tag, dict(attrs)))

        Reader().feed(self.source)
        return result


def sign_in_each_role(clinic, roles) -> dict[str, Visitor]:
    """A visitor of each role, signed in, by role."""
    visitors = {}
    for role in roles:
        signs = {} if role == "reviewer" else {"functions": (), "locales": ()}
        add(clinic, role, roles=[role], **signs)
        visitors[role] = Visitor(clinic.app)
        assert visitors[role].sign_in(role).status == 303
    return visitors
