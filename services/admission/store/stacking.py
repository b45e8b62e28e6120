"""The rules of stacking by the offerings that they name, and the offerings by what the rules say."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from services.admission.store.stacking_tables import stacking_offerings
from services.admission.store.tables import agreement_versions, agreements, offering_versions, offerings
from shared.stacking import offerings_in

Document = dict[str, Any]


def index_rules(connection: sa.Connection, agreement: Mapping[str, Any]) -> None:
    """Note which offerings the rules of this version name, in place of those of an earlier one."""
    mine = stacking_offerings.c.agreement_id == agreement["id"]
    connection.execute(stacking_offerings.delete().where(mine))
    named = {name for rule in agreement.get("stacking") or () for name in offerings_in(rule["requirement"])}
    if named:
        rows = [{"agreement_id": agreement["id"], "offering_id": name} for name in sorted(named)]
        connection.execute(stacking_offerings.insert(), rows)


def rules_so_far(connection: sa.Connection, agreement_id: str) -> dict[str, Document]:
    """Each rule that any version of the agreement has had, by its id, as it was last published."""
    statement = sa.select(agreement_versions.c.document).where(agreement_versions.c.id == agreement_id)
    documents = connection.execute(statement.order_by(agreement_versions.c.version)).scalars()
    return {rule["id"]: rule for document in documents for rule in document.get("stacking") or ()}


def latest_offerings(connection: sa.Connection, ids: Iterable[str]) -> dict[str, Document]:
    """The latest published version of each of these offerings; one that was cancelled has none."""
    statement = sa.select(offering_versions.c.document).join(
        offerings,
        sa.and_(
            offerings.c.id == offering_versions.c.id,
            offerings.c.published_version == offering_versions.c.version,
        ),
    )
    wanted = statement.where(offerings.c.id.in_(sorted(set(ids))), offerings.c.state != "cancelled")
    return {document["id"]: dict(document) for document in connection.execute(wanted).scalars()}


def agreements_naming(connection: sa.Connection, offering_id: str) -> list[Document]:
    """The latest published version of each agreement with a rule that names the offering."""
    statement = (
        sa.select(agreement_versions.c.document)
        .join(
            agreements,
            sa.and_(
                agreements.c.id == agreement_versions.c.id,
                agreements.c.published_version == agreement_versions.c.version,
            ),
        )
        .join(stacking_offerings, stacking_offerings.c.agreement_id == agreements.c.id)
        .where(stacking_offerings.c.offering_id == offering_id)
        .order_by(agreements.c.id)
    )
    return [dict(document) for document in connection.execute(statement).scalars()]
