"""The page of a patient shows the care team what patients and caregivers wrote, beside the task to read it."""

import re
from html import escape

import pytest

FACT = "  worry: {type: text, max_length: 90, title: {en: Your worry, es: Su preocupación}, kept: for the nurse}\n"
WORDS = "<b>Dizzy</b> since Tuesday & afraid"


@pytest.fixture(scope="module")
def published_rows(publish_sample):
    def with_words(folder):
        definition = folder / "definitions" / "follow_up.yaml"
        definition.write_text(definition.read_text().replace("\nfacts:\n", f"\nfacts:\n{FACT}", 1))

    return publish_sample(with_words)


def quotes(page):
    return re.findall(r'<blockquote class="words">(.*?)</blockquote>', page.source, re.DOTALL)


def test_words_are_shown_with_their_task_until_it_is_closed(clinic, nurse, enrollment):
    patient, address = clinic.token_of_patient("patient-17"), f"/care/enrollments/{enrollment}"
    assert quotes(nurse.get(address)) == []
    said = {"id": "w1", "text": WORDS}
    assert clinic.post(f"/v1/enrollments/{enrollment}/messages", patient, said).status == 200
    clinic.report(enrollment, patient, "answered", "2026-07-01", facts={"worry": "My hands are numb."})
    page = nurse.get(address)
    assert sorted(quotes(page)) == sorted([escape(WORDS), "Your worry: My hands are numb."])
    assert page.text.count("The patient wrote something: read it and answer.") >= 2
    listed = nurse.get("/care/")
    assert "The patient wrote something" in listed.text and "numb" not in listed.text
    tasks = clinic.get(f"/v1/tasks?enrollment={enrollment}", clinic.staff)["items"]
    for task in tasks:
        if "wrote" in task["title"]:
            assert clinic.post(f"/v1/tasks/{task['id']}/close", clinic.staff, {}).status == 200
    assert quotes(nurse.get(address)) == []


def test_words_of_a_caregiver_and_an_answer_to_a_message_are_shown_too(clinic, nurse, enrollment):
    caregiver = clinic.token_of_family(enrollment)
    clinic.post(f"/v1/enrollments/{enrollment}/messages", caregiver, {"id": "w1", "text": "She does not eat."})
    page = nurse.get(f"/care/enrollments/{enrollment}")
    assert quotes(page) == ["She does not eat."]
    assert "A caregiver wrote something: read it and answer." in page.text
