"""The consortium agreements. Each names the days on which an assessment board would have sat, for comparison only."""

from datetime import date
from typing import Any

from deploy.demo.consortium.stack import teaching_sustainability
from deploy.demo.consortium.universities import INVENTED_COMPANY, invented_company, university

Document = dict[str, Any]


def una_europa(today: date) -> Document:
    """Four universities of an alliance; the University of Helsinki awards on behalf of it."""
    return _agreement(
        "una-europa",
        {
            "en": "Una Europa joint micro-credentials",
            "fi": "Una Europan yhteiset pienet osaamiskokonaisuudet",
        },
        [university(code) for code in ("helsinki.fi", "kuleuven.be", "unibo.it", "ucm.es")],
        today,
        kind="alliance",
        awarding=["helsinki.fi"],
        law="FI",
    )


def chip_design(today: date) -> Document:
    """One university with its chip industry: the company teaches and sponsors, and never awards."""
    return _agreement(
        "chip-design",
        {"en": "Chip design with the industry"},
        [university("kuleuven.be"), invented_company()],
        today,
        kind="other",
        awarding=["kuleuven.be"],
        law="BE",
        committee=["kuleuven.be", INVENTED_COMPANY],
    )


def blended_programme(today: date) -> Document:
    """Alba Iulia coordinates and awards, Utrecht hosts the days on site."""
    return _agreement(
        "education-for-all",
        {"en": "Blended intensive programme: education for all"},
        [university("uab.ro"), university("uu.nl")],
        today,
        kind="other",
        awarding=["uab.ro"],
        law="RO",
    )


def open_university(today: date) -> Document:
    """An open university on its own: an agreement with one partner."""
    return _agreement(
        "open-university-of-cyprus",
        {"en": "Short courses of the Open University of Cyprus", "el": "Σύντομα μαθήματα του ΑΠΚΥ"},
        [university("ouc.ac.cy")],
        today,
        kind="other",
        awarding=["ouc.ac.cy"],
        law="CY",
    )


def port_cities(today: date) -> Document:
    """An invented joint programme of three universities, two of which award together."""
    return _agreement(
        "port-cities",
        {"en": "Port cities (an invented joint programme)"},
        [university(code) for code in ("ku.lt", "ug.edu.pl", "univ-nantes.fr")],
        today,
        kind="joint_programme",
        awarding=["ku.lt", "univ-nantes.fr"],
        law="LT",
    )


def learning_for_sustainability(today: date) -> Document:
    """Two universities of different agreements, and what their certificates make together (an invention)."""
    agreed = _agreement(
        "learning-for-sustainability",
        {"en": "Learning for sustainability (an invented agreement on stacking)"},
        [university(code) for code in ("helsinki.fi", "ouc.ac.cy")],
        today,
        kind="other",
        awarding=["helsinki.fi"],
        law="FI",
    )
    return {**agreed, "stacking": [teaching_sustainability()]}


def _agreement(
    agreement_id: str,
    title: dict[str, str],
    partners: list[Document],
    today: date,
    *,
    kind: str,
    awarding: list[str],
    law: str,
    committee: list[str] | None = None,
) -> Document:
    codes = [partner["institution"] for partner in partners]
    lead = awarding[0]
    return {
        "id": agreement_id,
        "title": title,
        "kind": kind,
        "governance": {
            "lead_university": lead,
            "coordinators": [lead],
            "management_committee": committee or codes,
            "complaints_owner": lead,
        },
        "partners": partners,
        "certificate_clause": {
            "formats": ["open_badges_3", "european_digital_credential", "pdf"],
            "issuer": lead,
            "awarding_bodies": awarding,
            "conditions": [],
        },
        "description_annex": {"en": "Each micro-credential is described by its offering version."},
        "financial_model": {"fees": "collected_by_lead", "split": "equal"},
        "branding": {"en": "The names of all partners stand beside that of the awarding body."},
        "intellectual_property": {"en": "Each partner keeps the rights to its course material."},
        "exclusivity": None,
        "data_protection": {
            "purposes": ["admission", "registration", "assessment", "certification"],
            "arrangement": "joint",
        },
        "addendum_allowed": True,
        "term": {"from": f"{today.year - 1}-01-01", "until": None, "review": None, "teach_out": "P1Y"},
        "applicable_law": law,
        "dispute_resolution": {"en": "The management committee mediates first."},
        "assessment_board": {"sits": _sittings(today)},
        "recognition_clause": {
            "criteria": {
                "version": "2026-1",
                "text": {
                    "en": "Level, learning outcomes, workload and quality are compared with the programme."
                },
            },
            "decide_within": "P30D",
            "appeal": {"en": "To the appeals board of the institution that decided, within 30 days."},
            "foreign": {"issuers": [], "eqf": 6, "credits": "10"},
        },
    }


def _sittings(today: date) -> list[str]:
    """Twice a year, as boards do."""
    return [f"{year}-{day}" for year in range(today.year - 1, today.year + 3) for day in ("01-31", "07-15")]
