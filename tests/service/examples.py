"""The examples of the OpenAPI document: recorded answers, compared by the tests that make the same requests."""

import json
from pathlib import Path

import service.http.operations
from service.http.operations import EXAMPLES

FILE = Path(service.http.operations.__file__).with_name("examples.json")


class Examples:
    """Compares an exchange with the recorded one, or records it anew (`pytest --update-examples`)."""

    def __init__(self, *, is_updating: bool) -> None:
        self.is_updating = is_updating

    def compare(self, operation: str, request, answer) -> None:
        exchange = {"request": request, "status": answer.status, "response": answer.json}
        if self.is_updating:
            recorded = json.loads(FILE.read_bytes()) | {operation: exchange}
            text = json.dumps(dict(sorted(recorded.items())), ensure_ascii=False, indent=1)
            FILE.write_text(text + "\n", encoding="utf-8")
        else:
            assert EXAMPLES.get(operation) == exchange, "run pytest --update-examples, and read what changed"
