"""Stacks and paths as a caller sees them: within its scope, with what the parts say, without anybody's name."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from services.certification.domain.stack import COUNTING, STACK, Stack, StackPart
from services.certification.domain.stack_rules import Rule, rules_of
from services.certification.domain.stacking import Path, paths
from services.certification.store import queries, stacking_rules, stacks
from services.certification.store.holdings import holdings_of
from services.certification.store.queries import Scope
from shared.domain import NotFoundError
from shared.messaging.documents import kept_document
from shared.messaging.history import history_of
from shared.stacking import NO_ENTITLEMENT

View = dict[str, Any]

_ENTITLEMENT: View = {"automatic_entitlement": False, "statement": NO_ENTITLEMENT}
_DECISIONS = {
    "proposed": ["grant", "refuse"],
    "in_review": ["keep", "suspend", "revoke"],
    "suspended": ["keep", "revoke"],
}


def stack_row(connection: sa.Connection, scope: Scope, stack_id: str) -> sa.Row[Any]:
    """The stack's row.

    Raises:
        NotFoundError: there is none, or none in `scope`; both look the same.
    """
    row = stacks.row_of(connection, scope, stack_id)
    if row is None:
        raise NotFoundError("There is no such stack, or it is not yours to see.")
    return row


def stack_views(connection: sa.Connection, rows: Iterable[sa.Row[Any]]) -> list[View]:
    """Views of stacks whose rows are in the caller's scope."""
    found = stacks.with_parts(connection, rows)
    known = queries.signed(connection, [part.certificate_id for stack, _ in found for part in stack.parts])
    larger = queries.latest_certificates(connection, [stack.larger_award_id for stack, _ in found])
    rules = _rules_of(connection, {_agreement(stack) for stack, _ in found})
    return [
        {
            **_stack(stack, row, [_part(part, known[part.certificate_id]) for part in stack.parts]),
            "rule": _rule(rules[(*_agreement(stack), stack.rule_id)]),
            "certificate_id": larger.get(stack.larger_award_id),
        }
        for stack, row in found
    ]


def _stack(stack: Stack, row: sa.Row[Any], parts: list[View]) -> View:
    granted = stack.state in COUNTING or stack.state == "withdrawn"
    return {
        "id": stack.id,
        "version": row.version,
        "learner_id": stack.learner_id,
        "agreement": {"id": stack.agreement_id, "version": stack.agreement_version},
        "state": stack.state,
        "reason": stack.reason,
        "decided_by": stack.decided_by,
        "decided_at": stack.decided_at,
        "changed_at": row.changed_at,
        "parts": parts,
        "ects": _sum(part["ects"] for part in parts),
        "award_id": stack.larger_award_id if granted else None,
        **_ENTITLEMENT,
        "allowed": _DECISIONS.get(stack.state, []) if STACK.triggers(stack.state) else [],
    }


def _sum(ects: Iterable[str | None]) -> str | None:
    found = list(ects)
    known = [Decimal(each) for each in found if each is not None]
    return f"{sum(known, Decimal(0)):f}" if known and len(known) == len(found) else None


def _part(part: StackPart, row: sa.Row[Any]) -> View:
    elements: Mapping[str, Any] = row.snapshot["elements"]
    return {
        "certificate_id": part.certificate_id,
        "offering": row.snapshot["offering"],
        "title": elements["title"],
        "issuer": row.issuer,
        "ects": elements["workload"]["ects"],
        "eqf": elements["level"]["eqf"],
        "outcomes": [outcome["title"] for outcome in elements["outcomes"]],
        "digest": f"sha256:{row.sha256}",
        "verify_url": f"{row.snapshot['base_url']}/verify/{row.public_id}",
        "standing": part.standing,
    }


def _agreement(stack: Stack) -> tuple[str, int]:
    return stack.agreement_id, stack.agreement_version


def _rules_of(
    connection: sa.Connection, agreements: Iterable[tuple[str, int]]
) -> Mapping[tuple[str, int, str], Rule]:
    """The rules of agreements, each of which is read once, by agreement, version and rule."""
    return {
        (*agreement, rule.id): rule
        for agreement in agreements
        for rule in rules_of(kept_document(connection, "agreements", *agreement) or {})
    }


def _rule(rule: Rule) -> View:
    document = rule.document
    agreement = f"/admission/v1/agreements/{rule.agreement_id}/versions/{rule.agreement_version}"
    return {
        **{
            name: document[name] for name in ("id", "version", "kind", "deciding_body", "criteria", "entails")
        },
        "title": document["award"]["title"],
        "link": f"{agreement}/stacking-rules/{rule.id}",
    }


def path_views(connection: sa.Connection, learner_id: str) -> list[View]:
    """How far the learner has come under each rule that concerns certificates of theirs (CRT-26)."""
    known = [stack for stack, _ in stacks.stacks_of(connection, learner_id).values()]
    held = holdings_of(connection, learner_id, known)
    offerings = {part.offering_id for part in held.parts}.union(*(stack.offerings for stack in known))
    rules = stacking_rules.rules_in_force(connection, offerings)
    return [_path(path) for path in paths(held, rules, known)]


def _path(path: Path) -> View:
    rule = path.rule
    return {
        "agreement": {"id": rule.agreement_id, "version": rule.agreement_version},
        "rule": _rule(rule),
        "counting": path.counting,
        "satisfied": not path.lacks,
        "missing": path.lacks,
        "stacks": [
            {"id": stack.id, "state": stack.state, "link": f"/certification/v1/stacks/{stack.id}"}
            for stack in path.stacks
        ],
        **_ENTITLEMENT,
    }


def stack_history(connection: sa.Connection, scope: Scope, stack_id: str) -> View:
    """The steps of one stack, oldest first."""
    row = stack_row(connection, scope, stack_id)
    return {"items": history_of(connection, "stacks", row.id)}
