"""What plans are made from: the template in an offering version, and whose staff may work on its plans."""

import json
from functools import lru_cache

import sqlalchemy as sa

from services.assessment.domain.template import Template, read_template
from services.assessment.store.tables import offering_institutions
from shared.messaging.documents import Document, kept_document
from shared.messaging.parking import insert_once


def template_of(connection: sa.Connection, offering_id: str, version: int) -> Template | None:
    """The plan template of an offering version; None where the version is not kept yet."""
    document = kept_document(connection, "offerings", offering_id, version)
    return None if document is None else template_in(document)


def template_in(document: Document) -> Template:
    """The plan template in a published offering version.

    Raises:
        InvalidError: plans cannot be made from it.
    """
    return _parsed(json.dumps(document, sort_keys=True))


def keep_institutions(connection: sa.Connection, template: Template) -> None:
    """Let the staff of the offering's institutions work on its plans; twice is once."""
    key = {"offering_id": template.offering_id, "offering_version": template.offering_version}
    for institution in sorted(template.institutions):
        insert_once(connection, offering_institutions, {**key, "institution": institution})


@lru_cache(maxsize=256)
def _parsed(text: str) -> Template:
    """The same text always gives the same template, so parsing it once is enough."""
    return read_template(json.loads(text))
