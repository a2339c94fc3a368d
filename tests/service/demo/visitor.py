"""Somebody who asks the demonstration as a browser would."""

from __future__ import annotations

HOST = "127.0.0.1:8000"


class Visitor:
    """Asks the demonstration as a browser would, and remembers nothing."""

    def __init__(self, application) -> None:
        from werkzeug.test import Client

        self.client = Client(application)

    def get(self, path, host=HOST, **headers):
        return self.client.get(path, headers={"Host": host, **headers}, buffered=True)

    def post(self, path, body, **headers):
        return self.client.post(path, json=body, headers={"Host": HOST, **headers}, buffered=True)
