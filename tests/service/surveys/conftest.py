"""The sample with two surveys: of its pages, whose answers are measured, and of the talk about a recurrence."""

import shutil

import pytest

from journeys.permission import ConsentText, PermissionEntry
from service.permission.ledger import add_to_ledger
from service.persons import store as persons
from service.platform.database.tables import enrollments, survey_answers
from tests.service.sign_in.conftest import TEXT as CODE

SURVEYS = """
programme:
  phone: {type: phone, title: {en: Our number, es: Nuestro número}}
surveys:
  page_help:
    question: {en: How do our pages help?, es: ¿Cómo ayudan nuestras páginas?}
    why: {en: We change what does not help., es: Cambiamos lo que no ayuda.}
    purpose: {en: We count the answers., es: Contamos las respuestas.}
    show_in: disease.surveillance
    again: P90D
    facts: [pack_years]
    measures:
      clear:
        type: choice
        values: [clear, in_part]
        title: {en: Are they clear?, es: ¿Son claras?}
        labels: {clear: {en: Clear, es: Claras}, in_part: {en: In part, es: En parte}}
      used: {type: boolean, title: {en: Did you use one?, es: ¿Usó alguna?}}
    thanks: {text: {en: A page for you., es: Una página para usted.}, piece: for-you}
  after_the_talk:
    question: {en: How was it to talk?, es: ¿Cómo fue hablar?}
    why: {en: We learn to talk., es: Aprendemos a hablar.}
    purpose: {en: Your team reads it., es: Su equipo lo lee.}
    show_in: disease.recurrence
    facts: [pack_years]
    thanks: {text: {en: This is our number., es: Este es nuestro número.}, value: phone}
  after_asking:
    question: {en: Did help come?, es: ¿Llegó la ayuda?}
    why: {en: We come again., es: Volvemos.}
    purpose: {en: Your team reads it., es: Su equipo lo lee.}
    show_in: support.needs_help
    facts: [pack_years]
    thanks:
      text: {en: A nurse calls you., es: Le llama una enfermera.}
      task: {for: care_team, within: P2D, title: Call and say thanks}
"""
PROGRAMMES = """
programmes:
  north: {title: {en: North, es: Norte}, values: {phone: "+1 312 555 0142"}}
"""
TEXT = ConsentText("consent-to-measurement", "v1", "d" * 64, "en")


@pytest.fixture(scope="package")
def published_rows(publish_sample):
    def add_surveys(folder):
        shutil.copytree(CODE, folder / "content" / "follow_up" / "_texts" / CODE.name)
        file = folder / "definitions" / "follow_up.yaml"
        file.write_text(file.read_text() + SURVEYS)
        (folder / "definitions" / "follow_up.programmes.yaml").write_text(PROGRAMMES)
        piece = folder / "content" / "follow_up" / "disease" / "surveillance" / "for-you"
        piece.mkdir(parents=True)
        (piece / "piece.yaml").write_text("purpose: education\norder: 70\n")
        for locale in ("en", "es"):
            (piece / f"{locale}.md").write_text("---\ntitle: For you\nsummary: Words.\n---\nWords for you to read.\n")

    return publish_sample(add_surveys)


class Surveyed:
    """A patient who is asked, and what is stored of their answers."""

    def __init__(self, clinic):
        self.clinic = clinic
        self.enrollment = clinic.enroll()
        self.token = clinic.token_of_patient("p1")

    def person_of(self, enrollment=None):
        with self.clinic.service.database.reading() as connection:
            wanted = enrollments.c.id == (enrollment or self.enrollment)
            return connection.execute(enrollments.select().where(wanted)).one().person

    def allow(self, enrollment=None, kind="grant", purpose="measurement"):
        clinic = self.clinic
        entry = PermissionEntry(
            id=clinic.service.new_id(),
            kind=kind,
            by="patient",
            method="app",
            occurred_at=clinic.clock(),
            purpose=purpose,
            text=TEXT,
        )
        with clinic.service.database.writing() as connection:
            person = persons.lock_person(connection, self.person_of(enrollment))
            add_to_ledger(connection, person, entry, clinic.clock())
        clinic.clock.pass_by(minutes=1)

    def revoke(self, **more):
        sent = self.clinic.post("/v1/me/permissions", self.token, {"kind": "revoke", "method": "app", **more})
        self.clinic.clock.pass_by(minutes=1)
        return sent

    def questions(self, token=None, part="items"):
        answer = self.clinic.get(f"/v1/enrollments/{self.enrollment}/questions", token or self.token)
        assert answer.status == 200, answer.data
        return {question["key"]: question for question in answer[part]}

    def answer(self, survey, facts, token=None, enrollment=None, headers=None, **more):
        body = {"id": f"own-{next(self.clinic.events)}", "occurred_at": self.clinic.clock().isoformat()}
        body |= {"facts": facts, "question": survey}
        self.clinic.clock.pass_by(minutes=1)
        path = f"/v1/enrollments/{enrollment or self.enrollment}/answers"
        return self.clinic.call("POST", path, token or self.token, json=body | more, headers=headers or {})

    def rows(self):
        with self.clinic.service.database.reading() as connection:
            return connection.execute(survey_answers.select()).all()


@pytest.fixture
def surveyed(clinic):
    return Surveyed(clinic)
