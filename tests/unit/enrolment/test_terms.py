"""Which institutions register a learner, and on which terms: read from the offering version."""

import pytest

from services.enrolment.domain.model import Money
from services.enrolment.domain.terms import terms_for
from shared.domain import InvalidError
from tests.support import documents


def test_enr_02_every_institution_of_the_offering_is_concerned_where_the_group_says_all() -> None:
    terms = terms_for(documents.offering(), "professional")
    assert [(p.institution, p.role, p.required_for) for p in terms.profiles] == [
        ("helsinki.fi", "awarding", "award"),
        ("kuleuven.be", "platform", "start"),
        ("unibo.it", "teaching", "none"),
        ("ucm.es", "teaching", "none"),
    ]
    assert terms.fee == Money(60000, "EUR")
    assert terms.coordinating_institution == "helsinki.fi"
    assert terms.profiles[0].data == ("name", "date_of_birth", "email")


def test_adm_12_a_target_group_is_registered_only_where_its_profile_says() -> None:
    document = documents.offering()
    document["target_groups"][1]["registration_profile"] = ["kuleuven.be"]
    assert [p.institution for p in terms_for(document, "professional").profiles] == ["kuleuven.be"]


def test_partners_of_the_agreement_without_a_profile_are_never_concerned() -> None:
    document = documents.offering(partners=["helsinki.fi", "kuleuven.be", "unibo.it", "ucm.es", "uj.edu.pl"])
    institutions = {p.institution for p in terms_for(document, "professional").profiles}
    assert "uj.edu.pl" not in institutions


def test_an_institution_in_two_roles_gets_one_registration_with_the_weightier_need() -> None:
    document = documents.offering()
    extra = documents.registration_profile("kuleuven.be", "teaching", "award")
    document["registration_profiles"].append({**extra, "data": ["name", "esi"]})
    merged = [p for p in terms_for(document, "professional").profiles if p.institution == "kuleuven.be"]
    assert [(p.role, p.required_for, p.data) for p in merged] == [
        ("teaching", "start", ("name", "date_of_birth", "email", "esi"))
    ]


def test_an_unknown_target_group_is_refused_by_name() -> None:
    with pytest.raises(InvalidError, match="sustainability@1 has no target group 'tourist'"):
        terms_for(documents.offering(), "tourist")


def test_a_group_that_names_an_institution_without_a_profile_is_refused_by_name() -> None:
    document = documents.offering()
    document["target_groups"][1]["registration_profile"] = ["helsinki.fi", "uu.nl"]
    with pytest.raises(InvalidError, match=r"no registration profile for uu\.nl"):
        terms_for(document, "professional")
