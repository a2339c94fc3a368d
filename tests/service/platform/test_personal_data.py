"""Where personal data is stored: every column of every table has a place in one list, or is a known exception.

A column that is added fails until somebody says what it may hold.
"""

import pytest
from sqlalchemy import Integer, LargeBinary

from service.platform.database.tables import metadata
from service.platform.database.types import Instant

#: Sealed by the one codec (service/platform/database/payload.py), which encryption will replace.
SEALED = {
    "enrollments": "state told ledger",
    "events": "payload decision",
    "records": "payload",
    "checkpoints": "state",
    "fhir_records": "payload",
    "fhir_sources": "payload",
    "account_arrivals": "secrets",
    "account_sessions": "kept",
    "persons": "reference preferences",
    "app_tokens": "payload",
    "passkeys": "payload",
    "patient_logins": "payload",
    "unlinked_logins": "payload",
    "registration_drafts": "payload",
    "contacts": "address",
    "permission_entries": "payload",
    "survey_answers": "payload",
    "messages": "payload",
    "inbound": "payload",
    "letters": "payload",
    "caregivers": "payload",
    "caregiver_changes": "payload",
    "feed_entries": "payload",
    "feed_endpoints": "payload",
}
#: Digests of random secrets, and keyed digests: nobody can invert them by trying.
DIGESTS = {
    "tokens": "digest",
    "account_sessions": "digest",
    "account_arrivals": "digest",
    "fhir_sources": "digest",
    "persons": "reference_digest",
    "contacts": "address_digest",
    "contact_codes": "address_digest digest",
    "patient_sessions": "digest",
    "passkeys": "credential_digest",
    "patient_logins": "subject_digest",
    "unlinked_logins": "browser subject_digest",
    "registration_drafts": "digest",
    "registration_sends": "address_digest",
    "sign_in_requests": "browser address_digest",
    "attempts": "provider_digest",
    "messages": "occasion",
    "receipts": "digest",
    "inbound": "digest",
    "row_claims": "digest content",
    "feed_entries": "id withdraws",
    "feed_deliveries": "entry",
    "caregivers": "selector_digest code_digest",
    "survey_answers": "event_digest",
}
#: Random ids, and references to them.
IDS = {
    "accounts": "id",
    "account_digests": "account",
    "account_sessions": "account",
    "account_failures": "id",
    "approval_tasks": "id closed_by",
    "approvals": "account",
    "backups": "id",
    "comment_steps": "comment account",
    "comments": "id account",
    "publications": "author",
    "review_verdicts": "account",
    "tokens": "id minted_by enrollments caregiver",
    "worker_beats": "worker",
    "enrollments": "id person",
    "persons": "id",
    "contacts": "id person",
    "contact_codes": "id person contact",
    "patient_sessions": "id person",
    "passkeys": "id person",
    "patient_logins": "id person",
    "registration_sends": "id",
    "sign_in_requests": "id person code",
    "app_tokens": "token person",
    "permission_entries": "id person",
    "survey_answers": "person",
    "messages": "id person enrollment",
    "attempts": "person message contact",
    "receipts": "message contact",
    "inbound": "id person contact",
    "looks": "enrollment",
    "letters": "id message person contact batch",
    "events": "enrollment",
    "records": "enrollment",
    "checkpoints": "enrollment",
    "tasks": "enrollment",
    "reminders": "enrollment message",
    "shown": "enrollment",
    "fhir_records": "id enrollment same_as",
    "fhir_sources": "record",
    "row_claims": "enrollment",
    "moves": "id",
    "move_batches": "move last",
    "feed_entries": "enrollment",
    "feed_endpoints": "id",
    "feed_deliveries": "person endpoint",
    "caregivers": "id enrollment person",
    "caregiver_changes": "caregiver enrollment",
    "caregiver_shown": "caregiver enrollment",
}
#: Times, days and counts.
NUMBERS = {
    "accounts": "created_at disabled_at digest_off_at",
    "account_arrivals": "created_at",
    "account_digests": "told_until",
    "account_failures": "failed_at",
    "account_sessions": "created_at seen_at confirmed_at signed_at ended_at kept_at",
    "approval_tasks": "opened_at closed_at",
    "approvals": "sequence number at expires_at",
    "backups": "taken_at",
    "clock_beats": "id at",
    "comment_steps": "sequence at",
    "comments": "created_at",
    "pieces": "number published_at",
    "programmes": "published_at",
    "releases": "number published_at rules",
    "publications": "number published_at",
    "review_verdicts": "read_at decided_at",
    "standings": "revision publication expires_at",
    "release_policies": "set_at",
    "moves": "number total begun_at ended_at",
    "move_batches": "number moved done_at",
    "tokens": "created_at expires_at revoked_at",
    "worker_beats": "started_at beat_at fired",
    "enrollments": "told_log revision log_length next_due_at failures ended created_at rules clock",
    "events": "position occurred_at arrived_at revision retracted_at revised_revision",
    "records": "revision sequence recorded_at",
    "checkpoints": "folded_to last_day",
    "tasks": "due opened_at closed_at",
    "reminders": "due opened_at cleared_at",
    "shown": "first_at",
    "fhir_records": "turn updated_at",
    "looks": "revision standing next_at",
    "digest_keys": "id",
    "persons": "sequence created_at",
    "contacts": "created_at",
    "contact_codes": "requested_at drawn_at tries used_at",
    "patient_sessions": "created_at seen_at ended_at",
    "passkeys": "sign_count created_at used_at",
    "patient_logins": "created_at",
    "unlinked_logins": "created_at",
    "registration_drafts": "created_at finished_at",
    "registration_sends": "sent_at",
    "registration_counts": "day count",
    "survey_answers": "answered_at",
    "sign_in_requests": "requested_at looked_up_at tries ended_at",
    "permission_entries": "sequence occurred_at recorded_at",
    "messages": "due useful_until next_at tries opened_at ended_at",
    "attempts": "sequence at",
    "receipts": "at received_at",
    "inbound": "at received_at",
    "letters": "queued_at changed_at",
    "row_sources": "published_at",
    "stories": "published_at",
    "row_claims": "received_at",
    "feed_counter": "id position",
    "feed_entries": "position at published_at",
    "feed_endpoints": "position next_at tries failing_since created_at",
    "feed_deliveries": "sequence at",
    "caregivers": "tries invited_at accepted_at until ended_at",
    "caregiver_changes": "number at",
    "caregiver_shown": "first_at",
}
#: Closed lists of words, and what is published for everybody: it says nothing about one patient's health.
WORDS = {
    "accounts": "roles functions locales",
    "account_arrivals": "back",
    "account_digests": "day",
    "account_sessions": "way",
    "approval_tasks": "journey title status",
    "approvals": "journey step subject key locale digest function meaning confirmed seal",
    "backups": "kind",
    "comment_steps": "step",
    "comments": "journey piece version locale",
    "pieces": "journey key version source",
    "programmes": "journey key version source",
    "publications": "journey release content programmes",
    "releases": "id journey file definition",
    "release_policies": "release policy mapping",
    "review_verdicts": "journey subject key locale function digest verdict checklist",
    "standings": "journey release",
    "moves": "journey release maps outcome",
    "tokens": "scopes reports_as journey",
    "enrollments": "locale time_zone programme",
    "events": "entry outcome",
    "tasks": "kind assignee status",
    "reminders": "status",
    "shown": "locale channel",
    "persons": "language language_from time_zone time_zone_from",
    "contacts": "channel verified_by status",
    "contact_codes": "purpose",
    "patient_sessions": "way browser system",
    "passkeys": "browser system",
    "patient_logins": "provider",
    "unlinked_logins": "provider",
    "registration_counts": "journey programme form style locale question kind",
    "sign_in_requests": "channel",
    "permission_entries": "kind",
    "messages": "status reason",
    "looks": "looker",
    "attempts": "purpose channel result code",
    "receipts": "kind code",
    "inbound": "channel reply confirmation",
    "letters": "status",
    "row_sources": "name journey declaration",
    "stories": "journey name title script",
    "feed_entries": "kind",
    "feed_endpoints": "recipient journey status",
    "feed_deliveries": "kind recipient result code",
    "caregivers": "invited_by",
    "caregiver_changes": "kind by",
    "caregiver_shown": "locale channel",
}
#: What says more than it should, and what will replace it.
EXCEPTIONS = {
    "the clinic's reference of the patient; it moves to the persons, as a keyed digest and sealed": {
        "tokens": "patient_ref",
        "enrollments": "patient_ref",
        "fhir_records": "patient_ref",
    },
    "a name that the caller chose; a keyed digest finds it again": {
        "enrollments": "key",
        "fhir_records": "key",
        "events": "external_id reporter",
    },
    "a plain SHA-256 that is inverted by trying all bodies; a keyed digest": {
        "enrollments": "request_digest",
        "events": "request_digest",
        "account_failures": "name_digest",
    },
    "derived from what was reported, so that it is inverted by trying; random ids in new tables": {
        "events": "uid",
        "enrollments": "told_cut",
        "tasks": "id",
        "reminders": "id stay",
        "shown": "stay",
        "caregiver_shown": "stay",
    },
    "it names an illness, a state or a page of a patient; it is sealed with the encryption of records": {
        "enrollments": "journey release current_release told_release",
        "fhir_records": "journey",
        "records": "kind item",
        "tasks": "state title closed_by claimed_by",
        "reminders": "state piece",
        "shown": "piece version",
        "caregiver_shown": "piece version",
    },
    "the key of digests beside what they protect; it moves out of the database with the keys of the encryption": {
        "digest_keys": "key"
    },
    "enrollments by id, in bytes that are not sealed; it is removed with the enrollment": {"move_batches": "failed"},
    "staff by name: a signature must name its signer (21 CFR 11.50), who signs in has a name and gets digests": {
        "accounts": "name printed_name password subject email",
        "approvals": "printed_name",
        "tokens": "name",
    },
    "free text of staff about a published text; the page asks for no patients in it": {
        "approvals": "comment",
        "comment_steps": "text",
        "comments": "sentence text",
        "review_verdicts": "comment",
    },
}
LISTS = [SEALED, DIGESTS, IDS, NUMBERS, WORDS, *EXCEPTIONS.values()]


def columns_of(*lists):
    return [
        f"{table}.{column}" for by_table in lists for table, columns in by_table.items() for column in columns.split()
    ]


COLUMNS = {f"{table.name}.{column.name}": column for table in metadata.sorted_tables for column in table.columns}


def test_every_column_is_in_one_list():
    listed = columns_of(*LISTS)
    assert sorted(set(COLUMNS) - set(listed)) == [], "say what these columns may hold"
    assert sorted(set(listed) - set(COLUMNS)) == [], "these columns do not exist"
    assert sorted(name for name in set(listed) if listed.count(name) > 1) == [], "these are in two lists"


@pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)
def test_the_type_of_a_column_fits_its_list(column):
    """Times and numbers are numbers; bytes are sealed, published, or a known exception."""
    name = f"{column.table.name}.{column.name}"
    if isinstance(column.type, Instant | Integer):
        assert name in columns_of(NUMBERS)
    elif isinstance(column.type, LargeBinary):
        assert name in columns_of(SEALED, WORDS) or name in ("move_batches.failed", "digest_keys.key")
    else:
        assert name not in columns_of(SEALED)
