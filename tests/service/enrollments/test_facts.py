"""The known facts of an enrollment: value, reporter type and time, as the caller may know them."""


def facts_of(clinic, enrollment, token, query="") -> dict:
    answer = clinic.get(f"/v1/enrollments/{enrollment}/facts{query}", token)
    assert answer.status == 200, answer.data
    return {fact.pop("name"): fact for fact in answer["items"]}


def test_each_fact_has_its_value_its_reporter_type_and_its_time(clinic):
    enrollment = clinic.enroll()
    told = clinic.report(enrollment, clinic.phone, "answers_given", "2026-06-20T10:30:00+02:00", facts={"smokes": True})
    facts = facts_of(clinic, enrollment, clinic.token_of_patient("p1"))
    assert facts.keys() == {"last_scan_on", "smokes"}
    assert facts["smokes"] == {
        "title": "Do you smoke",
        "value": True,
        "by": "patient",
        "at": "2026-06-20T08:30:00Z",
        "precision": "instant",
        "event": told["decision"]["event"],
    }
    scan = facts["last_scan_on"]
    assert (scan["value"], scan["at"], scan["precision"]) == ("2026-01-15", "2026-06-01T00:00:00Z", "day")


def test_a_declined_fact_is_told_apart_from_an_unknown_fact(clinic):
    enrollment = clinic.enroll()
    declined = {"declined": True}
    clinic.report(enrollment, clinic.phone, "answers_given", facts={"smokes": declined})
    facts = facts_of(clinic, enrollment, clinic.phone)
    assert facts["smokes"]["value"] == declined
    assert "pack_years" not in facts


def test_titles_come_in_the_requested_language(clinic):
    enrollment = clinic.enroll()
    answer = clinic.get(f"/v1/enrollments/{enrollment}/facts?locale=es-MX", clinic.phone)
    assert answer["locale"] == "es"
    assert answer["items"][0]["title"] == "Fecha de su última prueba"


def test_a_withheld_fact_is_known_to_staff_alone_until_the_telling(clinic):
    enrollment = clinic.enroll()
    scan = {"last_scan_on": "2026-06-20"}
    clinic.report(enrollment, clinic.phone, "scan_done", "2026-06-20", facts=scan)
    tokens = (clinic.token_of_patient("p1"), clinic.token_of_family(enrollment), clinic.phone)
    path = f"/v1/enrollments/{enrollment}/facts"
    before = [clinic.get(path, token) for token in tokens]
    clinic.report(enrollment, clinic.staff, "scan_result_reported", facts={"scan_result": "suspicious"})
    after = [clinic.get(path, token) for token in tokens]
    assert [(answer.headers, answer.data) for answer in after] == [(answer.headers, answer.data) for answer in before]
    assert facts_of(clinic, enrollment, clinic.staff)["scan_result"]["by"] == "staff"
    clinic.report(enrollment, clinic.staff, "recurrence_discussed")
    knows = ["scan_result" in facts_of(clinic, enrollment, token) for token in tokens]
    assert knows == [True, False, True], "a caregiver reads only what caregivers may tell"


def test_a_retracted_fact_is_unknown_again(clinic):
    enrollment = clinic.enroll()
    event = clinic.report(enrollment, clinic.phone, "answers_given", facts={"smokes": True})["decision"]["event"]
    path = f"/v1/enrollments/{enrollment}/events/{event}/retraction"
    clinic.post(path, clinic.phone, {"reason": "entered_in_error"})
    assert facts_of(clinic, enrollment, clinic.phone).keys() == {"last_scan_on"}


def test_an_enrollment_whose_beginning_was_retracted_has_no_facts(clinic):
    enrollment = clinic.enroll()
    beginning = clinic.get(f"/v1/enrollments/{enrollment}/explain", clinic.staff)["steps"][0]["item"]
    path = f"/v1/enrollments/{enrollment}/events/{beginning}/retraction"
    assert clinic.post(path, clinic.staff, {"reason": "wrong_patient"}).status == 200
    for token in (clinic.staff, clinic.phone):
        assert facts_of(clinic, enrollment, token) == {}


def test_the_same_facts_are_answered_with_304(clinic):
    enrollment = clinic.enroll()
    path = f"/v1/enrollments/{enrollment}/facts"
    tag = {"If-None-Match": clinic.get(path, clinic.phone).headers["ETag"]}
    assert clinic.get(path, clinic.phone, headers=tag).status == 304
    clinic.report(enrollment, clinic.phone, "answers_given", facts={"smokes": False})
    assert clinic.get(path, clinic.phone, headers=tag).status == 200


def test_facts_of_another_patient_are_answered_like_those_of_nobody(clinic):
    enrollment, token = clinic.enroll(), clinic.token_of_patient("p2")
    answers = [clinic.get(f"/v1/enrollments/{at}/facts", token) for at in (enrollment, "id999999")]
    assert [answer.status for answer in answers] == [404, 404]
    assert answers[0].data == answers[1].data
