"""Every table, for SQLAlchemy Core, one module a feature; the migrations must lead to exactly these. It runs no SQL."""

from __future__ import annotations

from service.platform.database.tables.access import (
    account_arrivals,
    account_digests,
    account_failures,
    account_sessions,
    accounts,
    tokens,
)
from service.platform.database.tables.caregivers import caregiver_changes, caregiver_shown, caregivers
from service.platform.database.tables.declaration import metadata
from service.platform.database.tables.effects import reminders, shown, tasks
from service.platform.database.tables.enrollment import (
    checkpoints,
    enrollments,
    events,
    looks,
    real_enrollments,
    records,
)
from service.platform.database.tables.feed import feed_counter, feed_deliveries, feed_endpoints, feed_entries
from service.platform.database.tables.interop import fhir_records, fhir_sources, row_claims, row_sources
from service.platform.database.tables.migration import move_batches, moves, release_policies
from service.platform.database.tables.operations import backups, clock_beats, worker_beats
from service.platform.database.tables.outreach import attempts, inbound, letters, messages, receipts
from service.platform.database.tables.persons import contact_codes, contacts, digest_keys, permission_entries, persons
from service.platform.database.tables.publishing import (
    approval_tasks,
    approvals,
    comment_steps,
    comments,
    pieces,
    programmes,
    publications,
    releases,
    review_verdicts,
    standings,
    stories,
)
from service.platform.database.tables.registration import (
    registration_counts,
    registration_drafts,
    registration_sends,
)
from service.platform.database.tables.sign_in import (
    app_tokens,
    passkeys,
    patient_logins,
    patient_sessions,
    sign_in_requests,
    unlinked_logins,
)
from service.platform.database.tables.surveys import survey_answers

__all__ = [
    "account_arrivals",
    "account_digests",
    "account_failures",
    "account_sessions",
    "accounts",
    "app_tokens",
    "approval_tasks",
    "approvals",
    "attempts",
    "backups",
    "caregiver_changes",
    "caregiver_shown",
    "caregivers",
    "checkpoints",
    "clock_beats",
    "comment_steps",
    "comments",
    "contact_codes",
    "contacts",
    "digest_keys",
    "enrollments",
    "events",
    "feed_counter",
    "feed_deliveries",
    "feed_endpoints",
    "feed_entries",
    "fhir_records",
    "fhir_sources",
    "inbound",
    "letters",
    "looks",
    "messages",
    "metadata",
    "move_batches",
    "moves",
    "passkeys",
    "patient_logins",
    "patient_sessions",
    "permission_entries",
    "persons",
    "pieces",
    "programmes",
    "publications",
    "real_enrollments",
    "receipts",
    "records",
    "registration_counts",
    "registration_drafts",
    "registration_sends",
    "release_policies",
    "releases",
    "reminders",
    "review_verdicts",
    "row_claims",
    "row_sources",
    "shown",
    "sign_in_requests",
    "standings",
    "stories",
    "survey_answers",
    "tasks",
    "tokens",
    "unlinked_logins",
    "worker_beats",
]
