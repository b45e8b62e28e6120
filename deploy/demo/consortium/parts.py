"""The parts that offerings are made of, each with what the demonstration's offerings have in common."""

from typing import Any

Document = dict[str, Any]


def component(part: str, title: str, ects: str, institution: str, *requires: str) -> Document:
    return {
        "id": part,
        "title": {"en": title},
        "ects": ects,
        "institution": institution,
        "requires": list(requires),
    }


def outcome(outcome_id: str, title: str, kind: str, part: str) -> Document:
    return {"id": outcome_id, "title": {"en": title}, "kind": kind, "component": part, "esco": []}


def group(group_id: str, title: str, outcomes: list[str], *requires: str) -> Document:
    return {"id": group_id, "title": {"en": title}, "outcomes": outcomes, "requires": list(requires)}


def instrument(
    instrument_id: str, title: str, kind: str, outcomes: list[str], **differences: Any
) -> Document:
    """A summative instrument, online, marked by one assessor from 0 to 100; `differences` say what is otherwise."""
    return {
        "id": instrument_id,
        "title": {"en": title},
        "purpose": "summative",
        "type": kind,
        "mode": "online",
        "outcomes": outcomes,
        "max_attempts": 2,
        "min_interval": "P0D",
        "duration": None,
        "markers": 1,
        "agreement": {"policy": "average_within_tolerance", "tolerance": "5"},
        "scale": {"type": "grade_0_100", "pass": "50"},
        "supervision": "unsupervised",
        "identity_verification": True,
        "booking_required": False,
        "sessions": [],
        **differences,
    }


def profile(institution: str, role: str, required_for: str) -> Document:
    """How one institution registers learners: `required_for` start, award or none."""
    return {
        "institution": institution,
        "role": role,
        "required_for": required_for,
        "data": ["name", "date_of_birth", "email"],
        "answer_within": "PT48H",
        "procedure": {"en": "The registrar creates the record and answers the request by PATCH."},
        "entitlement": "P6M" if role == "platform" else None,
    }


def target_group(
    code: str, title: str, contract_type: str, cents: int, *, funding: str | None = None
) -> Document:
    return {
        "code": code,
        "title": {"en": title},
        "contract_type": contract_type,
        "fee": {"amount": cents, "currency": "EUR"},
        "funding": funding,
        "registration_profile": "all",
    }


def criterion(
    criterion_id: str,
    kind: str,
    params: Document,
    evidence: list[str],
    *,
    verification: str = "document",
    alternatives: tuple[Document, ...] = (),
) -> Document:
    return {
        "id": criterion_id,
        "kind": kind,
        "params": params,
        "accepted_evidence": evidence,
        "verification": verification,
        "alternatives": list(alternatives),
        "conditional": False,
    }


def english(level: str = "B2") -> Document:
    """English at a CEFR level by the proofs universities accept; their equivalences are data of the consortium."""
    equivalences = [
        {"proof": "ielts", "minimum": "5.5", "level": "B2"},
        {"proof": "toefl_ibt", "minimum": "72", "level": "B2"},
        {"proof": "degree_taught_in_language", "minimum": None, "level": "B2"},
    ]
    return criterion(
        "english",
        "language",
        {"language": "en", "level": level, "equivalences": equivalences},
        ["ielts", "toefl_ibt", "degree_taught_in_language", "cefr_certificate"],
    )


def offering(**fields: Any) -> Document:
    """An offering as a coordinator drafts it: `fields` over what this demonstration's offerings share."""
    return {**_common(), **fields}


def admission(criteria: list[Document], *, procedure: str, **differences: Any) -> Document:
    """The admission part: manual, rolling, without a limit of seats unless `differences` say otherwise."""
    return {
        "open": False,
        "review_mode": "manual",
        "mode": "rolling",
        "window": {"from": None, "until": None},
        "decide_within": "P14D",
        "reply_within": "P7D",
        "information_within": "P7D",
        "draft_expires_after": "P90D",
        "decline_by_default": False,
        "capacity": None,
        "rule_set": {"version": "1", "criteria": criteria},
        "procedure": {"en": procedure},
        "terms": {
            "version": "1",
            "text": {"en": "Studies may be suspended on request; fees are refunded for 14 days."},
        },
        **differences,
    }


def assessment(
    groups: list[Document], instruments: list[Document], confirmers: list[str], **differences: Any
) -> Document:
    """The plan that every learner gets: learner-led, online and confirmed by one person unless told otherwise."""
    return {
        "timing": "learner_led",
        "online": True,
        "expected_end": "P1Y",
        "rules": {"en": "Work alone; name your sources."},
        "sample": {"en": "A sample with its marking is on the platform."},
        "instructions": {"en": "Open an attempt when you are ready."},
        "groups": groups,
        "instruments": instruments,
        "confirmation": {"quorum": 1, "institutions": confirmers, "dispute_window": "P0D"},
        **differences,
    }


def quality(body: str, decided_on: str, *, process: str = "external") -> Document:
    return {
        "type": "institutional",
        "process": process,
        "timing": "ex_post",
        "body": body,
        "date": decided_on,
        "valid_until": None,
        "url": None,
    }


def _common() -> Document:
    return {
        "document_type": "micro_credential",
        "origin": "stand_alone",
        "lifespan": "long_lived",
        "languages": ["en"],
        "mode": "online",
        "duration": "P6M",
        "timing": {"kind": "own_pace", "from": None, "until": None},
        "level": {
            "eqf": 6,
            "qf_ehea_cycle": "first",
            "isced_2011": 6,
            "isced_f": None,
            "not_applicable_reason": None,
        },
        "participation": "online",
        "host_institution": None,
        "tracks": ["assessed"],
        "funding_sources": [],
        "stackability": "stand_alone",
        "recognition": [],
        "complementary": [],
        "credit_transfer_advice": {
            "en": "Ask the receiving university: access to further study is decided there."
        },
        "support": {"contact": "support@example.org", "hours": "Mon-Fri 9-16 CET"},
        "contact": "info@example.org",
        "resources": {"en": "An account on the learning platform."},
        "prerequisites": {"en": "See the admission criteria."},
        "enrolment_procedure": {"en": "After admission each institution concerned registers the learner."},
    }
