"""Realistic agreement and offering versions: a base that every check accepts, changed per test by overrides.

`offering(admission={"open": True})` merges mappings at every depth and replaces everything else (lists, scalars,
null). A value under a key written `path__to__key` reaches inside: `offering(admission__capacity={"max": 2})`.
`offering_draft` and `agreement_draft` are the same documents as a coordinator posts them (no version, no digest).
Pinned to facts of the Una Europa micro-credential in sustainability; persons do not occur.
"""

import copy
import hashlib
from typing import Any

import rfc8785

Document = dict[str, Any]

_ESCO = "http://data.europa.eu/esco/skill/"

_OUTCOMES = (
    ("intro", "Explain planetary boundaries and the three pillars of sustainability", "knowledge"),
    ("climate", "Assess climate risks of a region from published data", "skill"),
    ("society", "Compare social and economic effects of sustainability measures", "skill"),
    ("policy", "Explain how European environmental policy is made", "knowledge"),
    ("project", "Plan a sustainability measure with partners from several fields", "competence"),
)

_COMPONENT_TITLES = {
    "intro": "Introduction to sustainability",
    "climate": "Climate",
    "society": "Society and economy",
    "policy": "European policy",
    "project": "Project",
}

_COMPONENT_INSTITUTIONS = {
    "intro": "helsinki.fi",
    "climate": "kuleuven.be",
    "society": "unibo.it",
    "policy": "ucm.es",
    "project": "helsinki.fi",
}


def _instrument(part: str, kind: str) -> Document:
    return {
        "id": f"{part}-{kind}",
        "title": {"en": f"{_COMPONENT_TITLES[part]}: {kind}"},
        "purpose": "summative",
        "type": {"essay": "written_examination", "project": "project", "oral": "oral_examination"}[kind],
        "mode": "online",
        "outcomes": [f"lo-{part}"],
        "max_attempts": 2,
        "min_interval": "P0D",
        "duration": None,
        "markers": 1,
        "agreement": {"policy": "average_within_tolerance", "tolerance": "5"},
        "scale": {"type": "grade_0_100", "pass": "50"},
        "supervision": "supervised_online" if kind == "oral" else "unsupervised",
        "identity_verification": True,
        "booking_required": False,
        "sessions": [],
    }


def _registration_profile(institution: str, role: str, required_for: str) -> Document:
    return {
        "institution": institution,
        "role": role,
        "required_for": required_for,
        "data": ["name", "date_of_birth", "email"],
        "answer_within": "PT48H",
        "procedure": {"en": "The registrar creates the student record and answers through the event feed."},
        "entitlement": "P6M",
    }


def _target_group(code: str, title: str, contract_type: str, amount: int) -> Document:
    return {
        "code": code,
        "title": {"en": title},
        "contract_type": contract_type,
        "fee": {"amount": amount, "currency": "EUR"},
        "funding": None,
        "registration_profile": "all",
    }


def _knowledge(subject: str) -> Document:
    return {"subject": subject, "isced_f": [], "esco": [], "ects": None, "score": None}


_ENGLISH = {
    "id": "english",
    "kind": "language",
    "params": {
        "language": "en",
        "level": "B2",
        "equivalences": [
            {"proof": "ielts", "minimum": "5.5", "level": "B2"},
            {"proof": "ielts", "minimum": "7.0", "level": "C1"},
            {"proof": "toefl_ibt", "minimum": "72", "level": "B2"},
            {"proof": "cambridge", "minimum": "160", "level": "B2"},
            {"proof": "degree_taught_in_language", "minimum": None, "level": "B2"},
        ],
    },
    "accepted_evidence": ["ielts", "toefl_ibt", "cambridge", "degree_taught_in_language", "cefr_certificate"],
    "verification": "document",
    "alternatives": [
        {
            "id": "english-interview",
            "kind": "prior_knowledge",
            "params": _knowledge("English in an interview with the reviewing institution"),
            "accepted_evidence": ["interview"],
            "verification": "interview",
            "alternatives": [],
            "conditional": False,
        }
    ],
    "conditional": True,
}

_QUALIFICATION = {
    "id": "bachelor",
    "kind": "qualification_level",
    "params": {"eqf": 6, "isced_f": []},
    "accepted_evidence": ["diploma", "digital_credential", "enic_naric_statement"],
    "verification": "document",
    "alternatives": [
        {
            "id": "experience",
            "kind": "work_experience",
            "params": {"months": 36, "nace": [], "esco": []},
            "accepted_evidence": ["employer_letter"],
            "verification": "document",
            "alternatives": [],
            "conditional": False,
        },
        {
            "id": "portfolio",
            "kind": "prior_knowledge",
            "params": _knowledge("Recognition of prior learning for entry"),
            "accepted_evidence": ["rpl_portfolio", "interview"],
            "verification": "interview",
            "alternatives": [],
            "conditional": False,
        },
    ],
    "conditional": False,
}

_AGREEMENT: Document = {
    "id": "una-europa",
    "version": 1,
    "title": {
        "en": "Una Europa joint micro-credentials",
        "fi": "Una Europan yhteiset pienet osaamiskokonaisuudet",
    },
    "kind": "alliance",
    "governance": {
        "lead_university": "helsinki.fi",
        "coordinators": ["helsinki.fi"],
        "management_committee": ["helsinki.fi", "kuleuven.be", "unibo.it", "ucm.es"],
        "complaints_owner": "helsinki.fi",
    },
    "partners": [
        {
            "institution": institution,
            "name": names,
            "kind": "higher_education",
            "country": country,
            "region": None,
            "website": f"https://www.{institution}",
            "may_award": True,
            "ects_recognition": {"en": "Credits are recognised under the partner's ECTS regulation."},
            "controller_role": "joint",
            "time_zone": zone,
        }
        for institution, names, country, zone in (
            (
                "helsinki.fi",
                {"en": "University of Helsinki", "fi": "Helsingin yliopisto"},
                "FI",
                "Europe/Helsinki",
            ),
            ("kuleuven.be", {"en": "KU Leuven"}, "BE", "Europe/Brussels"),
            ("unibo.it", {"en": "University of Bologna", "it": "Università di Bologna"}, "IT", "Europe/Rome"),
            (
                "ucm.es",
                {"en": "Complutense University of Madrid", "es": "Universidad Complutense de Madrid"},
                "ES",
                "Europe/Madrid",
            ),
        )
    ],
    "certificate_clause": {
        "formats": ["open_badges_3", "pdf"],
        "issuer": "helsinki.fi",
        "awarding_bodies": ["helsinki.fi"],
        "conditions": [],
    },
    "description_annex": {"en": "Each joint micro-credential is described by its offering version."},
    "financial_model": {"fees": "collected_by_lead", "split": "equal"},
    "branding": {"en": "The alliance's name stands beside the awarding body's."},
    "intellectual_property": {"en": "Each partner keeps the rights to its course material."},
    "exclusivity": None,
    "data_protection": {
        "purposes": ["admission", "registration", "assessment", "certification"],
        "arrangement": "joint",
    },
    "addendum_allowed": True,
    "term": {"from": "2026-01-01", "until": None, "review": None, "teach_out": "P1Y"},
    "applicable_law": "FI",
    "dispute_resolution": {"en": "The management committee mediates first."},
    "assessment_board": {"sits": ["2026-06-15", "2026-12-15"]},
    "recognition_clause": {
        "criteria": {
            "version": "2026-1",
            "text": {
                "en": "Level, outcomes, workload and quality; only a substantial difference is refused."
            },
        },
        "decide_within": "P30D",
        "appeal": {"en": "To the appeals board of the deciding institution within 30 days."},
        "foreign": {"issuers": [], "eqf": 6, "credits": "10"},
    },
    "stacking": [],
}

QUALITY_ASSURANCE: Document = {
    "type": "institutional",
    "process": "external",
    "timing": "ex_post",
    "body": "FINEEC",
    "date": "2025-05-01",
    "valid_until": "2031-05-01",
    "url": None,
}

_OFFERING: Document = {
    "id": "sustainability",
    "version": 1,
    "agreement": {"id": "una-europa", "version": 1},
    "title": {"en": "Sustainability", "fi": "Kestävyys"},
    "description": {"en": "An introduction and four courses on sustainability from four universities."},
    "objectives": {"en": "Learners can judge and plan sustainability measures."},
    "document_type": "micro_credential",
    "origin": "stand_alone",
    "lifespan": "long_lived",
    "languages": ["en"],
    "mode": "online",
    "duration": "P6M",
    "timing": {"kind": "own_pace", "from": None, "until": None},
    "workload": {"ects": "10", "hours": 270},
    "level": {
        "eqf": 7,
        "qf_ehea_cycle": "second",
        "isced_2011": 7,
        "isced_f": "0521",
        "not_applicable_reason": None,
    },
    "components": [
        {
            "id": part,
            "title": {"en": title},
            "ects": "2",
            "institution": _COMPONENT_INSTITUTIONS[part],
            "requires": [] if part == "intro" else ["intro"],
        }
        for part, title in _COMPONENT_TITLES.items()
    ],
    "outcomes": [
        {
            "id": f"lo-{part}",
            "title": {"en": title},
            "kind": kind,
            "component": part,
            "esco": [_ESCO + "9a2f0a8c-0b1a-4e6b-8f0e-2d0c5f6a7b8c"] if part == "climate" else [],
        }
        for part, title, kind in _OUTCOMES
    ],
    "participation": "online",
    "quality_assurance": QUALITY_ASSURANCE,
    "awarding_bodies": ["helsinki.fi"],
    "issuer": "helsinki.fi",
    "reviewing_institution": "helsinki.fi",
    "coordinating_institution": "helsinki.fi",
    "host_institution": None,
    "tracks": ["assessed"],
    "registration_profiles": [
        _registration_profile("helsinki.fi", "awarding", "award"),
        _registration_profile("kuleuven.be", "platform", "start"),
        _registration_profile("unibo.it", "teaching", "none"),
        _registration_profile("ucm.es", "teaching", "none"),
    ],
    "target_groups": [
        _target_group("partner_student", "Students of a partner university", "degree_student", 0),
        _target_group("professional", "Professionals from outside the alliance", "short_course", 60000),
        _target_group("lifelong_learner", "Everyone else who wants to learn", "short_course", 15000),
    ],
    "funding_sources": [],
    "admission": {
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
        "rule_set": {"version": "1", "criteria": [_ENGLISH, _QUALIFICATION]},
        "procedure": {"en": "Apply once; the University of Helsinki reviews for all partners."},
        "terms": {"version": "1", "text": {"en": "Studies may be suspended; fees are refunded for 14 days."}},
    },
    "assessment": {
        "timing": "learner_led",
        "online": True,
        "expected_end": "P1Y",
        "rules": {"en": "Work alone; name your sources."},
        "sample": {"en": "A sample essay with its marking."},
        "instructions": {"en": "Open an attempt when you are ready."},
        "groups": [
            {
                "id": part,
                "title": {"en": title},
                "outcomes": [f"lo-{part}"],
                "requires": [] if part == "intro" else ["intro"],
            }
            for part, title in _COMPONENT_TITLES.items()
        ],
        "instruments": [
            _instrument("intro", "essay"),
            _instrument("climate", "essay"),
            _instrument("society", "essay"),
            _instrument("policy", "oral"),
            _instrument("project", "project"),
        ],
        "confirmation": {"quorum": 1, "institutions": ["helsinki.fi"], "dispute_window": "P0D"},
    },
    "stackability": "stand_alone",
    "recognition": [
        {
            "institution": "kuleuven.be",
            "programme": {"en": "Master of Sustainable Development"},
            "credits": "5",
            "outcomes": ["lo-intro", "lo-climate"],
            "criteria": None,
        }
    ],
    "complementary": [],
    "credit_transfer_advice": {
        "en": "Ask the receiving university; access to further study is decided there."
    },
    "support": {"contact": "support@example.org", "hours": "Mon-Fri 9-16 EET"},
    "contact": "info@example.org",
    "success_requirements": {"en": "Five outcomes, each shown by a passed summative instrument; all online."},
    "industry_relevance": {"en": "Used by environmental offices and consultancies."},
    "resources": {"en": "A learning platform account for six months."},
    "prerequisites": {"en": "A bachelor's degree or comparable experience."},
    "partners": ["helsinki.fi", "kuleuven.be", "unibo.it", "ucm.es"],
    "enrolment_procedure": {"en": "After admission each institution concerned registers the learner."},
}


def offering(**overrides: Any) -> Document:
    """A published offering version (with version and digest), changed by overrides."""
    return _with_digest(_changed(_OFFERING, overrides))


def agreement(**overrides: Any) -> Document:
    """A published agreement version (with version and digest), changed by overrides."""
    return _with_digest(_changed(_AGREEMENT, overrides))


def offering_draft(**overrides: Any) -> Document:
    """The body of POST /admission/v1/offerings."""
    return _without_numbering(_changed(_OFFERING, overrides))


def agreement_draft(**overrides: Any) -> Document:
    """The body of POST /admission/v1/agreements."""
    return _without_numbering(_changed(_AGREEMENT, overrides))


def partner(institution: str, **overrides: Any) -> Document:
    """A partner entry of an agreement, as an addendum names it."""
    base = {
        **_AGREEMENT["partners"][0],
        "institution": institution,
        "name": {"en": institution},
        "website": f"https://www.{institution}",
    }
    return _changed(base, overrides)


def registration_profile(institution: str, role: str = "teaching", required_for: str = "none") -> Document:
    """A registration profile of an offering."""
    return _registration_profile(institution, role, required_for)


def digest(document: Document) -> str:
    """sha256 over the RFC 8785 form of a version without its own digest."""
    content = {key: value for key, value in document.items() if key != "digest"}
    return "sha256:" + hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def _with_digest(document: Document) -> Document:
    return {**document, "digest": digest(document)}


def _without_numbering(document: Document) -> Document:
    return {key: value for key, value in document.items() if key not in {"version", "digest"}}


def _changed(base: Document, overrides: Document) -> Document:
    document = copy.deepcopy(base)
    for key, value in overrides.items():
        *path, last = key.split("__")
        place = document
        for step in path:
            place = place[step]
        place[last] = _merged(place.get(last), copy.deepcopy(value))
    return document


def _merged(old: Any, new: Any) -> Any:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}
