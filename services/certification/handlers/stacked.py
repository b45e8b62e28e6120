"""What a larger certificate is made of: its rule, its parts as they are on record, the learner as known today."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import rfc8785
import sqlalchemy as sa

from services.certification.domain.award import Award, Need
from services.certification.domain.guard import enrolment_facts
from services.certification.domain.larger import PartReference, Said, StackReference, larger_elements
from services.certification.domain.snapshot import Snapshot
from services.certification.domain.stack import COUNTING, STANDINGS, Stack
from services.certification.domain.stack_rules import rules_of
from services.certification.formats.renderer import OPEN_BADGES
from services.certification.store import issuance, queries, stacks
from services.certification.store.queries import Scope
from shared.annex1 import Elements, Learner

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Larger:
    """A stack with its rule, and what the certificates of its parts say."""

    stack: Stack
    rule: Mapping[str, Any]
    agreement: Document
    said: tuple[Said, ...]
    parts: tuple[PartReference, ...]

    @property
    def offering(self) -> Document:
        """The rule in the place of an offering version: id, version, digest, issuer and awarding bodies."""
        body = self.stack.deciding_body
        return {
            "id": self.stack.rule_id,
            "version": self.stack.rule_version,
            "digest": "sha256:" + hashlib.sha256(rfc8785.dumps(dict(self.rule))).hexdigest(),
            "issuer": body,
            "awarding_bodies": [body],
        }

    @property
    def clause(self) -> Document:
        """The agreement's certificate clause with the body that grants this award in the place of the others."""
        body = self.stack.deciding_body
        return {**self.agreement["certificate_clause"], "issuer": body, "awarding_bodies": [body]}

    @property
    def reference(self) -> StackReference:
        decided = self.stack.decided_at
        return StackReference(
            id=self.stack.id,
            criteria_version=self.rule["criteria"]["version"],
            criteria=self.rule["criteria"]["text"],
            entails=self.rule["entails"],
            granted_on=decided.date().isoformat() if decided is not None else "",
            parts=self.parts,
        )

    def elements(self, learner: Learner, issued_on: date | None) -> Elements:
        return larger_elements(self.rule, self.agreement, learner, self.said, issued_on=issued_on)


def stack_of(connection: sa.Connection, award: Award) -> Stack:
    """The stack behind a larger award."""
    found = stacks.stack_of(connection, Scope(), award.enrolment_id)
    if found is None:
        raise LookupError(f"the larger award {award.id} has no stack")
    return found[0]


def larger(connection: sa.Connection, stack: Stack, agreement: Document) -> Larger:
    """Everything about the larger award of `stack` under the agreement version that it names."""
    (rule,) = [rule for rule in rules_of(agreement) if rule.id == stack.rule_id]
    found = [_part(connection, part.certificate_id) for part in stack.parts]
    found.sort(key=lambda pair: (pair[0].issued_at, pair[0].certificate_id))
    return Larger(
        stack,
        rule.document,
        agreement,
        tuple(Said(snapshot.offering.id, snapshot.elements) for snapshot, _ in found),
        tuple(reference for _, reference in found),
    )


def _part(connection: sa.Connection, certificate_id: str) -> tuple[Snapshot, PartReference]:
    snapshot = Snapshot.from_json(issuance.snapshot_of(connection, certificate_id))
    made = queries.rendering(connection, certificate_id, OPEN_BADGES)
    if made is None:
        raise LookupError(f"the certificate {certificate_id} has no signed form")
    elements = snapshot.elements
    return snapshot, PartReference(
        certificate_id=certificate_id,
        offering_id=snapshot.offering.id,
        offering_version=snapshot.offering.version,
        title=elements.title,
        issuer=elements.issuer.id,
        issuer_name=elements.issuer.name,
        issuer_country=elements.issuer.country,
        ects=elements.workload.ects,
        digest=f"sha256:{made.sha256}",
    )


def facts_now(connection: sa.Connection, award: Award) -> tuple[Need, ...]:
    """The part of the guard that rests on recorded facts: of an enrolment, or of the parts of a larger award."""
    if not award.stacked:
        return enrolment_facts(award)
    stack = stack_of(connection, award)
    if stack.state not in COUNTING:
        return (Need("decision of the deciding body", f"the stack is {stack.state}", stack.deciding_body),)
    return tuple(
        Need(f"part '{part.offering_id}'", STANDINGS[part.standing], stack.deciding_body)
        for part in stack.parts
        if part.in_doubt
    )
