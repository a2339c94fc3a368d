"""Approvals: signatures, rejections, recalls and activations, and the content that they release for patients.

`policy` decides without reading or writing, `record` reads and stores one journey, `binder` keeps what is decided and
not signed yet, `commands` change, `queries` read.
"""

from service.publishing.approvals.binder import BinderEntry, checklist_version, decide, read_binder, withdraw
from service.publishing.approvals.commands import (
    activate,
    recall,
    refresh_tasks,
    reject,
    sign,
    sign_all,
    sign_binder,
    store_status,
    submit,
)
from service.publishing.approvals.offers import functions_to_sign, may_reject
from service.publishing.approvals.policy import (
    ApprovalStatus,
    RecallScope,
    SignatureRequest,
    Signer,
    every_question,
    signer_of,
)
from service.publishing.approvals.queries import (
    DisclosedVersion,
    NamedText,
    find_approved_consent,
    list_disclosures,
    list_release_statuses,
    list_statuses,
)
from service.publishing.approvals.record import ReleaseStatus
from service.publishing.approvals.renewal import is_renewable
from service.publishing.store.verdicts import Verdict

__all__ = [
    "ApprovalStatus",
    "BinderEntry",
    "DisclosedVersion",
    "NamedText",
    "RecallScope",
    "ReleaseStatus",
    "SignatureRequest",
    "Signer",
    "Verdict",
    "activate",
    "checklist_version",
    "decide",
    "every_question",
    "find_approved_consent",
    "functions_to_sign",
    "is_renewable",
    "list_disclosures",
    "list_release_statuses",
    "list_statuses",
    "may_reject",
    "read_binder",
    "recall",
    "refresh_tasks",
    "reject",
    "sign",
    "sign_all",
    "sign_binder",
    "signer_of",
    "store_status",
    "submit",
    "withdraw",
]
