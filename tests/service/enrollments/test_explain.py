"""History and explanation: the chain of what happened, with conditions and the values they saw."""


def test_why_an_enrollment_is_where_it_is(clinic):
    enrollment = clinic.enroll()
    clinic.report(enrollment, clinic.phone, "answers_given", facts={"smokes": True, "pack_years": 5})
    answer = clinic.get(f"/v1/enrollments/{enrollment}/explain", clinic.staff)
    began, answers = answer["steps"]
    assert (began["type"], began["title"], began["reporter"]) == ("enrolled", "Joined", "app")
    assert began["facts"] == {"last_scan_on": "2026-01-15"}
    assert (answers["outcome"], answers["by"]) == ("stayed", "patient")
    assert answers["asked"] == [
        {
            "state": "managing",
            "when": "smokes and pack_years >= 20",
            "truth": False,
            "saw": {"pack_years": 5, "smokes": True},
        }
    ]
    assert answers["why"] == {"disease": "nothing is declared for it here", "support": "it stays on purpose"}


def test_why_a_piece_is_shown_and_why_not_that_one(clinic):
    enrollment = clinic.enroll()
    reasons = {
        reason["key"]: reason for reason in clinic.get(f"/v1/enrollments/{enrollment}/explain", clinic.staff)["content"]
    }
    assert reasons["follow-up-plan"]["shown"] is True
    assert reasons["smoking"] == {
        "key": "smoking",
        "version": 1,
        "shown": False,
        "why": "Its condition waits for smokes: smokes.",
        "missing": ["smokes"],
        "saw": {"smokes": None},
    }
    assert "only" in reasons["what-recurrence-is"]["why"]
    of_patient = clinic.get(f"/v1/enrollments/{enrollment}/explain", clinic.phone)["content"]
    assert {reason["key"] for reason in of_patient} == {"follow-up-plan", "where-to-ask"}


def test_patients_read_their_history_in_their_words(clinic):
    enrollment = clinic.enroll()
    clinic.report(enrollment, clinic.phone, "scan_done", "2026-06-20", facts={"last_scan_on": "2026-06-20"})
    lines = clinic.get(f"/v1/enrollments/{enrollment}/history?locale=es", clinic.phone)["items"]
    assert [line["title"] for line in lines] == ["Inscripción", "Prueba hecha"]
    assert lines[1]["transitions"] == [
        {
            "track": "disease",
            "from": "surveillance.next_scan_later",
            "to": "surveillance.waiting_for_result",
            "title": "En espera del resultado",
        }
    ]
    assert not {"reporter", "revision", "data", "facts"} & lines[1].keys()


def test_reminders_and_tasks_are_lines_of_staffs_history_alone(clinic):
    enrollment = clinic.enroll()
    clinic.clock.set("2026-08-20T00:00:00")
    kinds = [line["kind"] for line in clinic.get(f"/v1/enrollments/{enrollment}/history", clinic.phone)["items"]]
    assert kinds == ["event", "time"]
    of_staff = clinic.get(f"/v1/enrollments/{enrollment}/history", clinic.staff)["items"]
    assert [line["data"]["kind"] for line in of_staff if line["kind"] == "effect"] == ["task", "reminder"]


def test_the_history_comes_in_pages_also_where_time_alone_went_on(clinic):
    enrollment = clinic.enroll()
    for day in range(10, 20):
        clinic.report(enrollment, clinic.phone, "asked_for_help", f"2026-06-{day}")
    clinic.clock.set("2026-08-20T00:00:00")
    path = f"/v1/enrollments/{enrollment}/history"
    for token in (clinic.staff, clinic.phone):
        full = clinic.get(f"{path}?limit=100", token)
        assert full["next"] is None
        assert clinic.pages(f"{path}?limit=3", token) == full["items"]
