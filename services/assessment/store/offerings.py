"""Offering versions, fetched once and kept for ever: they never change."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from services.assessment.domain.template import Template, read_template
from services.assessment.store.tables import offering_institutions, offerings


def template_of(connection: sa.Connection, offering_id: str, version: int) -> Template | None:
    """The plan template of an offering version; None where the version is not kept yet."""
    text = connection.execute(
        sa.select(offerings.c.document).where(offerings.c.id == offering_id, offerings.c.version == version)
    ).scalar()
    return None if text is None else _parsed(text)


def keep_offering(connection: sa.Connection, document: Mapping[str, Any], now: datetime) -> Template:
    """Keep an offering version with the institutions whose staff may work on its plans; twice is once.

    Raises:
        InvalidError: plans cannot be made from it; nothing is kept.
    """
    text = json.dumps(document, ensure_ascii=False, sort_keys=True)
    template = _parsed(text)
    if template_of(connection, template.offering_id, template.offering_version) is None:
        key = {"offering_id": template.offering_id, "offering_version": template.offering_version}
        connection.execute(
            offerings.insert().values(
                id=template.offering_id, version=template.offering_version, document=text, kept_at=now
            )
        )
        connection.execute(
            offering_institutions.insert(),
            [{**key, "institution": institution} for institution in sorted(template.institutions)],
        )
    return template


@lru_cache(maxsize=256)
def _parsed(text: str) -> Template:
    """The same text always gives the same template, so parsing it once is enough."""
    return read_template(json.loads(text))
