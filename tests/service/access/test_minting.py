"""Tokens of patients and families: who may mint one for whom, what it shows, how it ends with its minter (S1, S3)."""

import threading

import pytest
from sqlalchemy import select, update

from service.access import tokens
from service.access.tokens import PatientTokenRequest, recognise
from service.enrollments.mint import mint_for_patient
from service.platform import errors
from service.platform.database.tables import tokens as token_rows

MINT = "/v1/patient-tokens"


@pytest.fixture
def other(clinic):
    """Another application, which enrolls too."""
    return clinic.token("other-app", "enroll", "report", "read")


def mint(clinic, token, patient="p1", **more):
    return clinic.post(MINT, token, {"patient_ref": patient, "expires_in": 600, **more})


def minted(clinic, token, patient="p1", **more) -> str:
    answer = mint(clinic, token, patient, **more)
    assert answer.status == 201, answer.data
    clinic.patients[answer["token"]] = patient
    return answer["token"]


def own(clinic, token) -> set[str]:
    return {item["id"] for item in clinic.pages("/v1/me/enrollments?limit=1", token)}


def test_an_application_mints_for_those_whom_it_enrolled_and_others_are_like_nobody(clinic, other):
    clinic.enroll("p1")
    assert mint(clinic, clinic.phone).status == 201
    theirs, absent = mint(clinic, other, "p1"), mint(clinic, other, "nobody")
    assert (theirs.status, theirs["code"]) == (404, "not-found")
    assert (theirs.status, theirs.headers, theirs.data) == (absent.status, absent.headers, absent.data)
    in_another_journey = mint(clinic, clinic.phone, "p1", journey="nsclc")
    assert (in_another_journey.status, in_another_journey.data) == (absent.status, absent.data)
    assert b"p1" not in theirs.data


def test_enrolling_a_patient_of_others_opens_only_the_own_enrollment(clinic, other):
    """The way round: enroll them too, and mint. What others enrolled stays unknown, in every list and address."""
    theirs = [clinic.enroll("p1", key) for key in ("k1", "k2")]
    mine = clinic.enroll("p1", "mine", token=other)
    token = minted(clinic, other)
    assert own(clinic, token) == {mine}
    for read in ("", "/view", "/history", "/explain", "/content"):
        absent = clinic.get(f"/v1/enrollments/id999999{read}", token)
        for enrollment in theirs:
            answer = clinic.get(f"/v1/enrollments/{enrollment}{read}", token)
            assert (answer.status, answer.headers, answer.data) == (404, absent.headers, absent.data)
    event = {"id": "x", "type": "asked_for_help", "occurred_at": "2026-07-01"}
    items = [
        event | {"patient_ref": "p1", "journey": "follow_up"},  # it is the only one that the token knows
        event | {"patient_ref": "p1", "journey": "follow_up", "key": "k1"},
        event | {"enrollment": theirs[0]},
    ]
    answers = clinic.post("/v1/events", token, {"events": items})["items"]
    assert [answer["status"] for answer in answers] == [200, 404, 404]
    assert own(clinic, minted(clinic, clinic.phone)) == set(theirs)


def test_what_is_enrolled_after_the_minting_needs_another_token(clinic):
    first = clinic.enroll("p1", "k1")
    token = minted(clinic, clinic.phone)
    second = clinic.enroll("p1", "k2")
    assert own(clinic, token) == {first}
    assert own(clinic, minted(clinic, clinic.phone)) == {first, second}


@pytest.mark.parametrize("scopes", [("enroll", "mint:any"), ("mint:any",), ("staff",)])
def test_who_mints_for_any_mints_for_all_enrollments_now_and_later(clinic, scopes):
    token = minted(clinic, clinic.token("service", *scopes))
    enrolled = {clinic.enroll("p1", key) for key in ("k1", "k2")}
    assert own(clinic, token) == enrolled


def test_a_token_of_the_same_name_mints_for_what_the_one_before_enrolled(clinic):
    clinic.enroll("p1")
    again = clinic.token("app", "enroll")
    assert mint(clinic, again).status == 201


def test_a_minted_token_mints_nothing_itself(clinic):
    clinic.enroll("p1")
    for token in (minted(clinic, clinic.phone), clinic.token_of_patient("p1")):
        assert mint(clinic, token).status == 403


def test_patients_tokens_end_with_their_minter_and_with_nobody_elses(clinic):
    enrollment = clinic.enroll("p1")
    mortal = tokens.create_token(clinic.service, name="app", scopes=["enroll"])
    ended, lasting = minted(clinic, mortal.text), minted(clinic, clinic.phone)
    assert clinic.get(f"/v1/enrollments/{enrollment}", ended).status == 200
    assert tokens.revoke_token(clinic.service, mortal.token.id)
    dead, unknown = (clinic.get("/v1/me/enrollments", text) for text in (ended, "jt_id999999_" + "x" * 43))
    assert (dead.status, dead.data) == (401, unknown.data)
    assert clinic.get(f"/v1/enrollments/{enrollment}", lasting).status == 200


def test_the_minter_is_kept_and_minting_is_logged_without_the_patient(clinic, logs):
    clinic.enroll("canary-ref")
    text = minted(clinic, clinic.phone, "canary-ref")
    minter = recognise(clinic.service, clinic.phone).token
    token = recognise(clinic.service, text).token
    with clinic.service.database.reading() as connection:
        row = connection.execute(select(token_rows).where(token_rows.c.id == token)).one()
    assert row.minted_by == minter
    (line,) = [line for line in logs if line["event"] == "token minted"]
    assert (line["token"], line["minter"]) == (token, minter)
    assert "canary-ref" not in repr(logs) and text not in repr(logs)


def test_no_token_outlives_a_minter_that_is_revoked_at_the_same_time(clinic):
    """Minting and revoking race; whichever is first, no valid token of a revoked minter is left."""
    clinic.enroll("p1")
    request = PatientTokenRequest(patient_ref="p1", journey=None, expires_in=600)
    for _ in range(12):
        minter = tokens.create_token(clinic.service, name="app", scopes=["enroll"])
        caller = recognise(clinic.service, minter.text)
        barrier, texts = threading.Barrier(4), []

        def run_mint(caller=caller, barrier=barrier, texts=texts):
            barrier.wait(10)
            try:
                texts.append(mint_for_patient(clinic.service, caller, request).text)
            except errors.Unauthenticated:
                texts.append(None)

        def run_revoke(minter=minter, barrier=barrier):
            barrier.wait(10)
            tokens.revoke_token(clinic.service, minter.token.id)

        threads = [threading.Thread(target=run) for run in (run_mint, run_mint, run_mint, run_revoke)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert len(texts) == 3
        for text in filter(None, texts):
            with pytest.raises(errors.Unauthenticated):
                recognise(clinic.service, text)
        with pytest.raises(errors.Unauthenticated):
            mint_for_patient(clinic.service, caller, request)


def test_a_token_of_a_caregiver_is_for_one_enrollment(clinic):
    mine, also_of_p1, of_another = clinic.enroll("p1", "k1"), clinic.enroll("p1", "k2"), clinic.enroll("p2")
    token = clinic.token_of_family(mine)
    assert clinic.read(mine, token)["id"] == mine
    assert own(clinic, token) == {mine}
    absent = clinic.get("/v1/enrollments/id999999", token)
    for enrollment in (also_of_p1, of_another):
        answer = clinic.get(f"/v1/enrollments/{enrollment}", token)
        assert (answer.status, answer.headers, answer.data) == (404, absent.headers, absent.data)
        assert clinic.report(enrollment, token, "deceased").status == 404
    assert clinic.get("/v1/enrollments?patient_ref=p2", token)["items"] == []
    assert mint(clinic, token).status == 403
    assert clinic.get("/v1/tasks", token).status == 403
    assert clinic.report(mine, token, "deceased")["decision"]["outcome"] == "advanced"


def test_a_token_of_the_family_without_a_caregiver_is_not_recognised(clinic):
    """Tokens of families of earlier versions, of which the migration ends all that it finds."""
    enrollment, token = clinic.enroll("p1"), clinic.token("kin", "read", "report")
    assert clinic.get(f"/v1/enrollments/{enrollment}", token).status == 200
    with clinic.service.database.writing() as connection:
        connection.execute(update(token_rows).where(token_rows.c.name == "kin").values(reports_as="family"))
    assert clinic.get(f"/v1/enrollments/{enrollment}", token).status == 401
