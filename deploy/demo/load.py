"""A coordinator brings the consortium into the system: agreements, then the offerings under them, each published.

What is there already stays as it is, so that loading twice changes nothing.
"""

from datetime import date
from http import HTTPStatus
from typing import Any

from deploy.demo.client import RefusedError
from deploy.demo.consortium import PROGRAMMES
from deploy.demo.staff import Staff

Document = dict[str, Any]


def load_consortium(staff: Staff, today: date) -> list[Document]:
    """Publish what is not published yet; the published offerings."""
    return [
        _load_programme(staff, programme.agreement(today), programme.offering(today))
        for programme in PROGRAMMES
    ]


def _load_programme(staff: Staff, agreement: Document, offering: Document) -> Document:
    coordinator = staff("coordinator", offering["coordinating_institution"])
    for kind, draft in (("agreements", agreement), ("offerings", offering)):
        path = f"/admission/v1/{kind}"
        try:
            coordinator.get(f"{path}/{draft['id']}/versions/1")
        except RefusedError as refusal:
            if refusal.status != HTTPStatus.NOT_FOUND:
                raise
            coordinator.post(path, draft)
            coordinator.post(f"{path}/{draft['id']}/publication")
    published: Document = coordinator.get(f"/admission/v1/offerings/{offering['id']}")
    return published
