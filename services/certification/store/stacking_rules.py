"""The rules of stacking that are in force, and whom they concern."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from services.certification.domain.stack_rules import Rule, rules_of
from services.certification.store.stacking_tables import (
    stack_parts,
    stacking_agreements,
    stacking_rule_offerings,
    stacking_rules,
)
from services.certification.store.tables import awards, certificates
from services.certification.store.upsert import insert_new
from shared.messaging.unit_of_work import UnitOfWork


def put_rules(uow: UnitOfWork, agreement: Mapping[str, Any]) -> bool:
    """Let the rules of this agreement version be those in force; False where a later version is known already."""
    identifier, version = agreement["id"], agreement["version"]
    connection = uow.connection
    insert_new(connection, stacking_agreements, {"id": identifier, "version": 0})
    newer = (
        stacking_agreements.update()
        .where(stacking_agreements.c.id == identifier, stacking_agreements.c.version < version)
        .values(version=version)
    )
    if connection.execute(newer).rowcount == 0:
        return False
    for table in (stacking_rule_offerings, stacking_rules):
        connection.execute(table.delete().where(table.c.agreement_id == identifier))
    for rule in rules_of(agreement):
        row = {"agreement_id": identifier, "id": rule.id, "agreement_version": version}
        connection.execute(stacking_rules.insert().values(**row, document=dict(rule.document)))
        named = [
            {"agreement_id": identifier, "rule_id": rule.id, "offering_id": name} for name in rule.offerings
        ]
        connection.execute(stacking_rule_offerings.insert(), named)
    return True


def rules_in_force(connection: sa.Connection, offerings: Iterable[str]) -> list[Rule]:
    """The rules that name any of these offerings."""
    named = sa.select(stacking_rule_offerings.c.agreement_id, stacking_rule_offerings.c.rule_id).where(
        stacking_rule_offerings.c.offering_id.in_(sorted(set(offerings)))
    )
    statement = stacking_rules.select().where(
        sa.tuple_(stacking_rules.c.agreement_id, stacking_rules.c.id).in_(named)
    )
    return [_rule(row) for row in connection.execute(statement)]


def _rule(row: sa.Row[Any]) -> Rule:
    return Rule(row.agreement_id, row.agreement_version, row.document)


def stacks_on_something(connection: sa.Connection, offering_id: str) -> bool:
    """Whether a rule in force names the offering, or a stack has a part of it."""
    for table in (stacking_rule_offerings, stack_parts):
        statement = sa.select(sa.literal(1)).where(table.c.offering_id == offering_id).limit(1)
        if connection.execute(statement).first() is not None:
            return True
    return False


def holders(connection: sa.Connection, agreement_id: str) -> list[str]:
    """The learners with a certificate that stands of an offering that the agreement's rules name."""
    named = sa.select(stacking_rule_offerings.c.offering_id).where(
        stacking_rule_offerings.c.agreement_id == agreement_id
    )
    statement = (
        sa.select(awards.c.learner_id)
        .join(certificates, certificates.c.award_id == awards.c.id)
        .where(certificates.c.state == "issued", awards.c.offering_id.in_(named))
    )
    return list(connection.execute(statement.distinct()).scalars())
