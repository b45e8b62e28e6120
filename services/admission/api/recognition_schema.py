"""Recognition as it is agreed in advance (CRT-42, CRT-43): the agreement's clause, an offering's programmes."""

from marshmallow import fields, validate

from services.admission.api.fields import (
    credit,
    distinct,
    duration,
    identifier,
    institution,
    nested,
    number,
    optional,
    string,
    text,
)
from shared.web import Schema


class RecognitionCriteria(Schema):
    """By what it is decided; a decision names the version."""

    version = identifier()
    text = text(required=True)


class ForeignCertificates(Schema):
    """Certificates from elsewhere that may count on a learner's request (ADM-32).

    `issuers` are identifiers such as DIDs; an empty list names nobody in particular, so that any issuer may do.
    """

    issuers = distinct(
        string(
            validate.Length(max=300),
            validate.Regexp(
                r"[A-Za-z][A-Za-z0-9+.-]*:\S+\Z", error="An identifier such as did:web:example.org."
            ),
        )
    )
    eqf = optional(number(1, 8, metadata={"description": "The lowest level of the EQF that may count"}))
    credits = optional(credit(metadata={"description": "The most ECTS that may count for one certificate"}))


class RecognitionClause(Schema):
    criteria = nested(RecognitionCriteria)
    decide_within = duration(required=False, load_default="P30D")
    appeal = text(required=True)
    foreign = optional(
        nested(ForeignCertificates),
    )


class Recognition(Schema):
    """A programme that recognises the offering, as agreed with its institution."""

    institution = institution()
    programme = text()
    credits = optional(credit())
    outcomes = distinct(identifier())
    criteria = optional(nested(RecognitionCriteria))


def recognition_clause() -> fields.Nested:
    """The agreement's clause; null where nothing is said."""
    clause: fields.Nested = optional(nested(RecognitionClause))
    return clause
