"""Rules of stacking as part of an agreement (CRT-24 to CRT-26): what is asked for, who decides, by which criteria.

A draft may lack what the larger certificate's elements are made of; publication then refuses it by name.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import marshmallow as ma
from marshmallow import fields, validate

from services.admission.api.criterion_schema import esco
from services.admission.api.fields import (
    code,
    credit,
    distinct,
    identifier,
    institution,
    listed,
    nested,
    number,
    optional,
    slug,
    text,
)
from services.admission.api.offering_schema import Level, QualityAssurance
from services.admission.api.recognition_schema import RecognitionCriteria
from shared.annex1.vocabulary import LEARNING_MODES
from shared.stacking import NO_ENTITLEMENT
from shared.web import Schema

_MOST_COMBINED: Final = 20
_MOST_OFFERINGS: Final = 50
_MOST_RULES: Final = 50
_MOST_VERSION: Final = 1_000_000
_NAMES: Final = ("offering", "all", "any", "credits", "level", "outcomes")


class Requirement(fields.Field[dict[str, Any]]):
    """A requirement of one of the kinds; `all` and `any` combine others."""

    def __init__(self, **kwargs: Any) -> None:
        described = {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"type": "string", "enum": list(_NAMES)}},
            "description": "What is asked for: one offering, `all` or `any` of several requirements, credits, "
            "certificates of a level, or outcomes and skills",
        }
        super().__init__(required=True, metadata=described, **kwargs)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dict[str, Any]:
        schema = _schemas().get(value["kind"]) if isinstance(value, dict) and _kind(value) else None
        if schema is None:
            raise ma.ValidationError({"kind": [f"One of {', '.join(_NAMES)}."]})
        loaded: dict[str, Any] = schema.load(value)
        return loaded


def _kind(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("kind"), str)


class _Kind(Schema):
    kind = fields.String(required=True)


class OfferingRequirement(_Kind):
    """A certificate of this offering, of whatever version."""

    offering = slug()


class AllRequirement(_Kind):
    of = fields.List(Requirement(), required=True, validate=validate.Length(1, _MOST_COMBINED))


class AnyRequirement(_Kind):
    count = number(1, _MOST_COMBINED)
    of = fields.List(Requirement(), required=True, validate=validate.Length(1, _MOST_COMBINED))


class CreditsRequirement(_Kind):
    """So many ECTS together; with `level`, counted only at that level of the EQF or a higher one."""

    at_least = credit()
    level = optional(number(1, 8))
    offerings = distinct(slug(), required=True, least=1, most=_MOST_OFFERINGS)


class LevelRequirement(_Kind):
    level = number(1, 8)
    count = number(1, _MOST_OFFERINGS)
    offerings = distinct(slug(), required=True, least=1, most=_MOST_OFFERINGS)


class CoveredOutcome(Schema):
    offering = slug()
    outcome = identifier()


class OutcomesRequirement(_Kind):
    outcomes = listed(nested(CoveredOutcome), most=_MOST_OFFERINGS)
    skills = distinct(esco(), most=_MOST_OFFERINGS)
    offerings = distinct(slug(), required=True, least=1, most=_MOST_OFFERINGS)


@cache
def _schemas() -> Mapping[str, Schema]:
    """One schema of each kind, made at first use: requirements contain requirements."""
    kinds = (
        OfferingRequirement(),
        AllRequirement(),
        AnyRequirement(),
        CreditsRequirement(),
        LevelRequirement(),
        OutcomesRequirement(),
    )
    return dict(zip(_NAMES, kinds, strict=True))


class LargerAward(Schema):
    """What the larger certificate says and its parts cannot; outcomes, credits and assessments are theirs."""

    title = text()
    description = text()
    level = nested(Level, required=False, load_default=lambda: Level().load({}))
    participation = optional(code(*LEARNING_MODES))
    quality_assurance = optional(nested(QualityAssurance))


class StackingRule(Schema):
    """`kind` is that of the larger award: credits count once within it. `version` rises when anything here changes."""

    id = slug()
    version = number(1, _MOST_VERSION)
    kind = identifier()
    deciding_body = institution()
    criteria = nested(RecognitionCriteria)
    entails = text(required=True)
    requirement = Requirement()
    award = nested(LargerAward)


def stacking() -> Any:
    """The rules of an agreement; none when left out."""
    return listed(nested(StackingRule), most=_MOST_RULES)


class AgreementVersion(Schema):
    id = fields.String(required=True)
    version = fields.Integer(required=True)


class PublishedRule(Schema):
    """A rule with what holds of every rule."""

    agreement = fields.Nested(AgreementVersion, required=True)
    rule = fields.Nested(StackingRule, required=True)
    automatic_entitlement = fields.Boolean(required=True, metadata={"enum": [False]})
    statement = fields.String(required=True, metadata={"example": NO_ENTITLEMENT})


class PublishedRules(Schema):
    items = fields.List(fields.Nested(PublishedRule), required=True)
