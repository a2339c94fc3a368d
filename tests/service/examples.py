"""The examples of the OpenAPI document: recorded exchanges, with which tests compare the same requests."""

import json
from pathlib import Path

import service.http.operations
from service.http.operations import EXAMPLES

FILE = Path(service.http.operations.__file__).with_name("examples.json")


class Examples:
    """The recorded exchanges; with `pytest --update-examples` each is recorded anew when a test asks for it."""

    def __init__(self, *, is_updating: bool) -> None:
        self.is_updating = is_updating

    def recorded(self, operation: str, exchange: dict) -> dict | None:
        """The recorded exchange of an operation: this one, where examples are recorded anew."""
        if not self.is_updating:
            return EXAMPLES.get(operation)
        examples = json.loads(FILE.read_bytes()) | {operation: exchange}
        text = json.dumps(dict(sorted(examples.items())), ensure_ascii=False, indent=1)
        FILE.write_text(text + "\n", encoding="utf-8")
        return exchange


def exchange_of(request, answer) -> dict:
    """A request with its answer, as an example has them."""
    return {"request": request, "status": answer.status, "response": answer.json}
