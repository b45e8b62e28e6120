"""A criterion of the rules: its params are checked by its kind, its alternatives like itself (practice.md C1)."""

from collections.abc import Mapping
from typing import Any, Final

import marshmallow as ma
from marshmallow import fields, validate

from services.admission.api.fields import (
    code,
    credit,
    distinct,
    identifier,
    listed,
    nested,
    number,
    optional,
    words,
)
from services.admission.domain.criteria import CEFR_LEVELS
from services.admission.domain.kinds import CRITERION_KINDS
from shared.web import Schema

_MAX_MONTHS: Final = 720
_ISCED_F: Final = validate.Regexp(r"[0-9]{2,4}\Z", error="An ISCED-F code of two to four digits.")
_NACE: Final = validate.Regexp(r"[A-U0-9][0-9.]{0,6}\Z", error="A NACE code such as C26 or 26.1.")


def isced_f(**kwargs: Any) -> fields.String:
    return fields.String(validate=_ISCED_F, **kwargs)


def nace(**kwargs: Any) -> fields.String:
    return fields.String(validate=_NACE, **kwargs)


def esco(**kwargs: Any) -> fields.String:
    return fields.String(validate=[validate.Length(max=300), validate.Regexp(r"https?://\S+\Z")], **kwargs)


def language(**kwargs: Any) -> fields.String:
    return fields.String(
        validate=validate.Regexp(r"[a-z]{2,3}\Z", error="An ISO 639 code such as en."), **kwargs
    )


def skills() -> fields.Dict:
    return fields.Dict(
        keys=code("listening", "reading", "speaking", "writing", "interaction"),
        values=code(*CEFR_LEVELS),
        validate=validate.Length(max=5),
    )


class Equivalence(Schema):
    proof = identifier()
    minimum = optional(credit())
    level = code(*CEFR_LEVELS)


class LanguageParams(Schema):
    language = language(required=True)
    level = code(*CEFR_LEVELS)
    skills = skills()
    equivalences = listed(nested(Equivalence))


class QualificationParams(Schema):
    eqf = number(1, 8)
    isced_f = distinct(isced_f())


class KnowledgeParams(Schema):
    subject = optional(words())
    isced_f = distinct(isced_f())
    esco = distinct(esco())
    ects = optional(credit())
    score = optional(credit())


class ExperienceParams(Schema):
    months = number(1, _MAX_MONTHS)
    nace = distinct(nace())
    esco = distinct(esco())


class TargetGroupParams(Schema):
    codes = distinct(identifier(), required=True, least=1, most=50)


_PARAMS: Final[Mapping[str, Schema]] = {
    "language": LanguageParams(),
    "qualification_level": QualificationParams(),
    "prior_knowledge": KnowledgeParams(),
    "work_experience": ExperienceParams(),
    "target_group": TargetGroupParams(),
}


class Criterion(Schema):
    id = identifier()
    kind = code(*sorted(CRITERION_KINDS))
    params = fields.Dict(keys=fields.String(), required=True)
    accepted_evidence = distinct(identifier())
    verification = code("document", "test", "interview", "presented_credential", "self_declared")
    alternatives = fields.List(
        fields.Nested(lambda: Criterion()),  # noqa: PLW0108 - the class is not bound yet
        validate=validate.Length(max=20),
        load_default=list,
    )
    conditional = fields.Boolean(load_default=False)

    @ma.post_load
    def _check(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        try:
            params = _PARAMS[data["kind"]].load(data["params"])
        except ma.ValidationError as error:
            raise ma.ValidationError({"params": error.messages}) from error
        if not data["accepted_evidence"] and data["kind"] != "target_group":
            raise ma.ValidationError({"accepted_evidence": ["Name at least one kind of evidence."]})
        return {**data, "params": params}
