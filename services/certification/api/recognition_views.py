"""Recognitions as a caller sees them: within its scope, without anybody's name."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from services.certification.domain.recognition_rules import Ruling, grounds_said
from services.certification.store import recognitions, statements
from shared.web import Caller, Role

View = dict[str, Any]


def recognition_views(connection: sa.Connection, caller: Caller, rows: Sequence[sa.Row[Any]]) -> list[View]:
    """Views of recognitions whose rows are in the caller's scope; who decided is for the institution itself."""
    signed = statements.latest_of(connection, [row.id for row in rows])
    own = caller.role is Role.REGISTRAR
    return [_recognition(row, signed.get(row.id), own=own) for row in rows]


def _recognition(row: sa.Row[Any], signed: sa.Row[Any] | None, *, own: bool) -> View:
    case = recognitions.case_of(row)
    agreement = {"id": case.rule.agreement_id, "version": case.rule.agreement_version}
    exemption = case.exemption
    return {
        **{name: getattr(row, name) for name in ("id", "version", "origin", "institution", "learner_id")},
        **{
            name: getattr(row, name)
            for name in ("state", "cause", "decide_by", "overdue", "created_at", "due_at")
        },
        "programme": case.programme,
        "rule": {
            **{
                name: getattr(case.rule, name)
                for name in ("criteria_version", "criteria", "decide_within", "appeal")
            },
            "agreement": agreement,
        },
        "certificate": case.basis,
        "exemption": exemption
        and {
            "offering": {"id": exemption.offering_id, "version": exemption.offering_version},
            "outcomes": exemption.outcomes,
        },
        "examination": case.examination,
        "decision": _ruling(row, case.ruling, own=own) if case.ruling else None,
        "statement": _statement(signed) if signed is not None else None,
    }


def _ruling(row: sa.Row[Any], ruling: Ruling, *, own: bool) -> View:
    return {
        **{name: getattr(ruling, name) for name in ("outcome", "recognised_as", "credits", "outcomes")},
        "grounds": grounds_said(ruling.grounds),
        "decided_at": row.decided_at,
        "decided_by": row.decided_by if own else None,
    }


def _statement(signed: sa.Row[Any]) -> View:
    return {
        "id": signed.id,
        "number": signed.number,
        "issued_at": signed.issued_at,
        "verify_url": f"{signed.snapshot['base_url']}/verify/{signed.public_id}",
    }
