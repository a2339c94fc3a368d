"""A patient app for the terminal. It knows only an address, a token, and the OpenAPI document at the address.

python docs/client.py http://127.0.0.1:8000 TOKEN ENROLLMENT [TRIGGER [FACT=VALUE ...]]
"""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid
from datetime import UTC, datetime

READ = {"boolean": lambda text: text == "yes", "integer": int, "set": lambda text: text.split(",") if text else []}


class Service:
    def __init__(self, address, token):
        self.address, self.token = address, token
        document = self.call("GET", "/openapi.json")
        self.operations = {
            operation["operationId"]: (method.upper(), path)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if "operationId" in operation
        }

    def call(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body is not None else None
        sent = urllib.request.Request(self.address + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(sent) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            sys.exit(error.read().decode())

    def do(self, operation, enrollment, body=None, **query):
        method, path = self.operations[operation]
        return self.call(method, f"{path.format(enrollment=enrollment)}?{urllib.parse.urlencode(query)}", body)


def draw(view):
    for state in view["where"].values():
        yield f"{state['title']} (since {state['since'][:10]})"
    for coming in view["next"]:
        yield f"  -> {coming['date'][:10]}  {coming['title']}"
    for card in view["cards"]:
        yield f"\n[{'x' if card['seen'] else ' '}] {card['title']}\n    {card['summary']}\n    ({card['why']})"
        if card["action"]:
            yield f"    <{card['action']['label']}>"
    for question in view["questions"]:
        yield f"\n? {question['question']}\n    {question['why'] or ''}"
    yield "\nYou can tell us:"
    for reportable in view["can_report"]:
        yield f"  {reportable['type']}: {reportable['label']}"
        for field in reportable["fields"]:
            choices = " | ".join(f"{choice['value']} ({choice['label']})" for choice in field.get("choices") or ())
            yield f"      {field['name']}=  {field['label']} {choices or field['type']}"
    for contact in view["contacts"].values():
        yield f"{contact['title']}: {contact.get('phone', '')}"


def report(service, enrollment, view, trigger, texts):
    kinds = {field["name"]: field["type"] for reportable in view["can_report"] for field in reportable["fields"]}
    facts = {name: READ.get(kinds.get(name), str)(text) for name, text in texts.items()}
    event = {"id": str(uuid.uuid4()), "type": trigger, "occurred_at": datetime.now(UTC).isoformat(), "facts": facts}
    return service.do("events_report", enrollment, event, include="view")["view"]


if __name__ == "__main__":
    address, token, enrollment, *rest = sys.argv[1:]
    service = Service(address, token)
    view = service.do("view_read", enrollment)
    if rest:
        view = report(service, enrollment, view, rest[0], dict(text.split("=", 1) for text in rest[1:]))
    print("\n".join(draw(view)))
