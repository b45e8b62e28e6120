"""Events of other services as this one reads them: only the fields it needs, everything else ignored."""

from typing import Any, Final

from marshmallow import EXCLUDE, Schema, fields

from services.enrolment.domain.studies import Admitted
from shared.messaging.envelope import Event


class _Tolerant(Schema):
    class Meta:
        unknown = EXCLUDE


class _Admitted(_Tolerant):
    application_id = fields.String(required=True)
    learner_id = fields.String(required=True)
    offering_id = fields.String(required=True)
    offering_version = fields.Integer(required=True)
    agreement_id = fields.String(required=True)
    agreement_version = fields.Integer(required=True)
    target_group = fields.String(required=True)
    contract_type = fields.String(required=True)
    track = fields.String(required=True)


class _Application(_Tolerant):
    application_id = fields.String(required=True)


class _Plan(_Tolerant):
    enrolment_id = fields.String(required=True)


class _Offering(_Tolerant):
    offering_id = fields.String(required=True)
    version = fields.Integer(required=True)


_ADMITTED: Final = _Admitted()
_APPLICATION: Final = _Application()
_PLAN: Final = _Plan()
_OFFERING: Final = _Offering()


def admitted(event: Event) -> Admitted:
    """The facts of `application.admitted`.

    Raises:
        marshmallow.ValidationError: the event breaks its contract; it is parked.
    """
    return Admitted(**_read(_ADMITTED, event), admitted_at=event.time)


def application_id(event: Event) -> str:
    return str(_read(_APPLICATION, event)["application_id"])


def enrolment_id(event: Event) -> str:
    return str(_read(_PLAN, event)["enrolment_id"])


def offering_version(event: Event) -> tuple[str, int]:
    found = _read(_OFFERING, event)
    return found["offering_id"], found["version"]


def _read(schema: Schema, event: Event) -> dict[str, Any]:
    loaded: dict[str, Any] = schema.load(dict(event.data))
    return loaded
