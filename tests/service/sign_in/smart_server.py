"""A SMART on FHIR server on the loopback: it recognises a patient, and gives the record to who has the token."""

from __future__ import annotations

from tests.service.reviewer_ui.providers import Crooked

SCT = "http://snomed.info/sct"
RELAPSE, SCAN = "25173007", "169069000"
MAPPING = f"""journey: follow_up
systems: {{snomed: {SCT}}}
enroll:
  scan: {{}}
rules:
  relapse:
    resource: Condition
    system: snomed
    codes: ["{RELAPSE}"]
    trigger: recurrence_confirmed
  scan:
    resource: Procedure
    system: snomed
    codes: ["{SCAN}"]
    status: [completed]
    trigger: scan_done
    facts:
      last_scan_on: {{date: start}}
"""


class SmartServer(Crooked):
    """The record of one patient; `wrong` says what it does otherwise than it should."""

    def __init__(self, now, back: str) -> None:
        super().__init__(now, back)
        self.patient = "smart-1"
        self.wrong_record: dict[str, object] = {}
        self.searches: list[str] = []
        self.resources: dict[str, list[dict]] = {"Condition": [], "Procedure": []}

    @property
    def base(self) -> str:
        return f"{self.address}/fhir"

    def condition(self, **more) -> None:
        """The relapse, recorded on the day of the clock."""
        of_patient = {"reference": f"{self.base}/Patient/{self.patient}"}
        self.resources["Condition"].append(
            {
                "resourceType": "Condition",
                "id": f"c{len(self.resources['Condition'])}",
                "subject": of_patient,
                "code": {"coding": [{"system": SCT, "code": RELAPSE}]},
                "onsetDateTime": "2026-06-20",
                "recordedDate": self.now().isoformat(),
            }
            | more
        )

    def route(self, path: str):
        """What is at an address, or None."""
        if path == "/fhir/.well-known/smart-configuration":
            return lambda request: self.describe(request) | {"capabilities": ["launch-standalone"]}
        if path.startswith("/fhir/"):
            return lambda request: self.read(request, path.removeprefix("/fhir/"))
        return super().route(path)

    def token(self, request):
        answer = super().token(request)
        return answer | {"patient": self.patient} | self.wrong_record if isinstance(answer, dict) else answer

    def read(self, request, name: str):
        if request.headers.get("Authorization") != "Bearer x":
            return self.refused()
        kind, _, id = name.partition("/")
        if id:
            return {"resourceType": kind, "id": id, "name": [{"family": "Example"}]} | dict(self.wrong.get("read", {}))
        self.searches.append(request.full_path)
        assert request.args["patient"] == self.patient
        page = int(request.args.get("page", 0))
        found = self.resources.get(kind, [])
        entries = [{"resource": each} for each in found[page : page + 1]]
        links = [{"relation": "next", "url": f"{self.base}/{kind}?patient={self.patient}&page={page + 1}"}]
        more = links if page + 1 < len(found) else []
        return {"resourceType": "Bundle", "entry": entries, "link": more} | dict(self.wrong.get("page", {}))
