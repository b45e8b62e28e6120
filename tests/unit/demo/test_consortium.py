"""The demonstration's documents pass every check of publication, and each check would notice its violation."""

from collections import Counter
from datetime import date

import pytest

from deploy.demo.cast import BLENDED, CAST, ENDINGS, PORT_CITIES, cast
from deploy.demo.consortium import PROGRAMMES
from deploy.demo.consortium.port_cities import SEATS
from deploy.demo.consortium.sustainability import joined_by, sustainability
from deploy.demo.consortium.universities import university
from services.admission.domain.agreement_checks import agreement_problems
from services.admission.domain.documents import with_partner
from services.admission.domain.offering_checks import offering_problems

# A day in a leap year, the turn of a year, and one in between.
DAYS = (date(2027, 12, 31), date(2028, 2, 29), date(2026, 6, 15))


@pytest.fixture(params=PROGRAMMES, ids=lambda programme: programme.offering(DAYS[0])["id"])
def programme(request):
    return request.param


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_every_programme_can_be_published_on_any_day(programme, today):
    agreement = {**programme.agreement(today), "version": 1}
    offering = {**programme.offering(today), "version": 1}
    assert agreement_problems(agreement) == []
    assert offering_problems(offering, agreement, today.isoformat()) == []


def test_a_programme_without_its_quality_decision_would_be_refused(programme):
    today = DAYS[0]
    offering = {**programme.offering(today), "version": 1, "quality_assurance": None}
    agreement = {**programme.agreement(today), "version": 1}
    assert offering_problems(offering, agreement, today.isoformat())


def test_the_fifth_partner_fits_after_the_addendum_and_not_before():
    """SHR-03: the new offering version names a partner that only the new agreement version has."""
    today = DAYS[0]
    first = {**PROGRAMMES[0].agreement(today), "version": 1}
    second = with_partner(first, university("uj.edu.pl"), today.isoformat())
    offering = {**joined_by(sustainability(today), "uj.edu.pl", 2), "version": 2}
    assert offering_problems(offering, second, today.isoformat()) == []
    assert offering_problems(offering, first, today.isoformat())
    assert len(second["partners"]) == 5


def test_coordinator_and_host_of_the_blended_programme_differ_and_its_group_is_of_the_funded_size():
    programme = next(p for p in PROGRAMMES if p.offering(DAYS[0])["id"] == BLENDED)
    offering = programme.offering(DAYS[0])
    assert offering["coordinating_institution"] != offering["host_institution"]
    funded = sum(part.offering == BLENDED and part.group == "partner_student" for part in CAST)
    everybody = sum(part.offering == BLENDED for part in CAST)
    limits = offering["funding_sources"][0]["participants"]
    assert limits["min"] <= funded <= limits["max"]
    assert everybody <= offering["admission"]["capacity"]["max"]


def test_everybody_in_the_cast_chooses_what_the_offering_names():
    offerings = {p.offering(DAYS[0])["id"]: p.offering(DAYS[0]) for p in PROGRAMMES}
    for part in CAST:
        offering = offerings[part.offering]
        assert part.group in {group["code"] for group in offering["target_groups"]}
        assert part.track in offering["tracks"]
        assert part.twist in ENDINGS


def test_the_cast_is_at_least_thirty_different_people_with_names_of_four_languages():
    names = {part.person.name for part in CAST}
    assert len(names) == len(CAST) >= 30
    assert all(any(letter in name for name in names) for letter in "ήŽžėūŁżćęçœéï")
    assert all(part.person.key.isascii() for part in CAST)


@pytest.mark.parametrize("small", [True, False])
def test_more_people_want_the_joint_course_than_it_has_seats(small):
    wanting = Counter(part.offering for part in cast(small=small))[PORT_CITIES]
    assert wanting > SEATS


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_learners_of_the_course_were_assessed_in_different_months_of_the_past(today):
    """AST-02, AST-03: the demonstration's point is that they do not finish together."""
    certified = [
        part for part in CAST if part.offering == "sustainability" and part.ending.certificate == "issued"
    ]
    days = [part.assessed_on(today) for part in certified]
    assert len({(day.year, day.month) for day in days}) == len(certified)
    assert all(day < today for day in days)
