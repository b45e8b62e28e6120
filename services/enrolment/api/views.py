"""The aggregate as a caller sees it: within its scope, with what the offering says to learners."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import rfc8785
import sqlalchemy as sa

from services.enrolment.domain.guidance import what_is_next
from services.enrolment.domain.model import Enrolment, Registration
from services.enrolment.domain.projection import ooapi_v5, ooapi_v6
from services.enrolment.store import offerings, queries
from services.enrolment.store.queries import Filed
from services.enrolment.store.scope import Scope
from shared.messaging.documents import Document
from shared.messaging.history import history_of
from shared.web import Caller, Role

View = dict[str, Any]


def scope_of(caller: Caller) -> Scope:
    """What `caller` may see, from its token alone."""
    if caller.sees_all:
        return Scope(everything=True)
    if caller.role is Role.LEARNER:
        return Scope(learner=caller.learner_id)
    return Scope(institution=caller.institution, person=caller.learner_id)


def enrolment_view(connection: sa.Connection, scope: Scope, enrolment: Enrolment) -> View:
    return enrolment_views(connection, scope, [enrolment])[0]


def enrolment_views(connection: sa.Connection, scope: Scope, enrolments: Sequence[Enrolment]) -> list[View]:
    """Views of enrolments that are in `scope`; of their registrations those that are in it too."""
    ids = [enrolment.id for enrolment in enrolments]
    documents = offerings.all_kept(connection, ((e.offering_id, e.offering_version) for e in enrolments))
    refunds, attendances = queries.refunds_of(connection, ids), queries.attendances_of(connection, ids)
    return [
        _enrolment(
            scope,
            enrolment,
            documents.get((enrolment.offering_id, enrolment.offering_version)),
            refunds.get(enrolment.id),
            attendances.get(enrolment.id),
        )
        for enrolment in enrolments
    ]


def _enrolment(
    scope: Scope,
    enrolment: Enrolment,
    offering: Document | None,
    refund: sa.Row[Any] | None,
    attendance: sa.Row[Any] | None,
) -> View:
    following = what_is_next(enrolment)
    plain = {name: getattr(enrolment, name) for name in _ENROLMENT_MEMBERS}
    return {
        **plain,
        "reason_code": enrolment.reason,
        "title": offering["title"] if offering else None,
        "next": asdict(following) if following else None,
        "support": _support(offering),
        "fee": asdict(enrolment.fee) if enrolment.fee else None,
        "refund": {"amount": refund.amount, "currency": refund.currency, "reason_code": refund.reason}
        if refund
        else None,
        "attendance": attendance,
        "registrations": [
            _registration(Filed.of(enrolment, registration), offering)
            for registration in enrolment.registrations
            if scope.sees(enrolment, registration)
        ],
    }


_ENROLMENT_MEMBERS = (
    "id",
    "version",
    "application_id",
    "round",
    "learner_id",
    "offering_id",
    "offering_version",
    "agreement_id",
    "agreement_version",
    "target_group",
    "contract_type",
    "track",
    "state",
    "state_at",
    "full_refund_until",
)


def registration_view(connection: sa.Connection, enrolment: Enrolment, registration: Registration) -> View:
    return filed_views(connection, [Filed.of(enrolment, registration)])[0]


def filed_views(connection: sa.Connection, filed: Iterable[Filed]) -> list[View]:
    """Views of registrations that are in the caller's scope."""
    found = list(filed)
    documents = offerings.all_kept(connection, ((f.offering_id, f.offering_version) for f in found))
    return [_registration(each, documents.get((each.offering_id, each.offering_version))) for each in found]


def _registration(filed: Filed, offering: Document | None) -> View:
    registration, profile = filed.registration, filed.registration.profile
    header = {name: getattr(filed, name) for name in _HEADER_MEMBERS}
    plain = {name: getattr(registration, name) for name in _REGISTRATION_MEMBERS}
    return {
        **header,
        **plain,
        "institution": profile.institution,
        "role": profile.role,
        "required_for": profile.required_for,
        "data_requested": list(profile.data),
        "procedure": dict(profile.procedure),
        "request_digest": _request_digest(filed),
        "ooapi": {
            "v5": {"state": ooapi_v5(registration.state), "remoteState": ooapi_v5(registration.remote_state)},
            "v6": {"state": ooapi_v6(registration.state), "remoteState": ooapi_v6(registration.remote_state)},
        },
        "support": _support(offering),
    }


_HEADER_MEMBERS = (
    "enrolment_id",
    "enrolment_state",
    "application_id",
    "learner_id",
    "offering_id",
    "offering_version",
    "track",
)
_REGISTRATION_MEMBERS = (
    "id",
    "version",
    "number",
    "contract_type",
    "state",
    "state_at",
    "remote_state",
    "remote_at",
    "desired_state",
    "desired_at",
    "requested_at",
    "answer_by",
    "overdue_at",
    "reminders",
    "entitlement_from",
    "entitlement_until",
    "access_provisioned_at",
    "local_student_number",
    "esi",
)


def _request_digest(filed: Filed) -> str:
    profile = filed.registration.profile
    asked = {
        **asdict(profile),
        "data": list(profile.data),
        "procedure": dict(profile.procedure),
        "contract_type": filed.registration.contract_type,
        "offering": f"{filed.offering_id}@{filed.offering_version}",
    }
    return "sha256:" + hashlib.sha256(rfc8785.dumps(asked)).hexdigest()


def _support(offering: Document | None) -> View | None:
    support = (offering or {}).get("support")
    return dict(support) if support else None


def history_view(connection: sa.Connection, scope: Scope, enrolment_id: str) -> View:
    """The steps of one case, oldest first, without those of registrations out of scope.

    Raises:
        NotFoundError: the enrolment is not in scope.
    """
    enrolment = queries.enrolment(connection, scope, enrolment_id)
    visible = {enrolment.id} | {r.id for r in enrolment.registrations if scope.sees(enrolment, r)}
    steps = history_of(connection, "enrolments", enrolment_id)
    return {"items": [step for step in steps if step["subject"] in visible]}
