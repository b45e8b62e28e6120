"""Snapshot to format and back: what the format says is what the snapshot holds, fact by fact (issue 4, section 1)."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.certification.domain.snapshot import Snapshot, text_in
from services.certification.formats.elm_concepts import country
from shared.annex1 import Elements, Learner, QualityAssurance, Workload
from shared.annex1.readers import elm, open_badges, opened, sd_jwt, snapshot
from shared.annex1.reading import Found, Reading
from shared.annex1.vocabulary import (
    ASSESSMENT_TYPES,
    LEARNING_MODES,
    QUALITY_ASSURANCE_TYPES,
    supervision_concept,
)
from shared.annex1.wording import decision_from, decision_text, workload_from, workload_text
from tests.support.documents import offering
from tests.unit.annex1.credentials import MEMBERS, RENDERED, VARIANTS
from tests.unit.certification.samples import elements as sample_elements
from tests.unit.certification.samples import snapshot as sample

READERS = {"open_badges_3": open_badges.read, "elm_3": elm.read, "sd_jwt_vc": sd_jwt.read}
FORMATS = sorted(READERS)


def read(format_name: str, taken: Snapshot) -> Reading:
    found, document = opened(json.dumps(RENDERED[format_name](taken)))
    assert found == format_name
    return READERS[format_name](document)


def values(facts: Iterable[Found]) -> list[Any]:
    return [fact.value for fact in facts]


def said(text: dict[str, str], taken: Snapshot, format_name: str) -> set[str]:
    """A text as the format carries it: in all its languages, or in that of the certificate."""
    return set(text.values()) if format_name == "elm_3" else {text_in(text, taken.language)}


class Trip:
    """One snapshot and what a reader found in its rendering; each method is one element of Annex I."""

    def __init__(self, format_name: str, taken: Snapshot) -> None:
        self.format = format_name
        self.taken = taken
        self.elements: Elements = taken.elements
        self.reading = read(format_name, taken)

    def learner(self) -> None:
        learner = self.elements.learner
        assert set(values(self.reading.names)) == {learner.full_name}
        births = [value[:10] for value in values(self.reading.birth_dates)]
        assert births == ([learner.date_of_birth] if learner.date_of_birth else [])
        stand_in = [f"urn:uuid:{self.taken.enrolment_id}"] if self.format == "sd_jwt_vc" else []
        assert values(self.reading.identifiers) == ([learner.identifier] if learner.identifier else stand_in)

    def title(self) -> None:
        assert set(values(self.reading.titles)) == said(dict(self.elements.title), self.taken, self.format)

    def country_or_region(self) -> None:
        code = self.elements.issuer.country or ""
        three = country(code)["id"].rpartition("/")[2]
        assert values(self.reading.countries) == [three if self.format == "elm_3" else code]
        region = self.elements.issuer.region
        assert set(values(self.reading.regions)) == ({region} if region else set())

    def awarding_bodies(self) -> None:
        found = self.reading.awarding_bodies
        assert len(found) == len(self.elements.awarding_bodies)
        for stated, body in zip(found, self.elements.awarding_bodies, strict=True):
            assert set(stated.names) == said(dict(body.name), self.taken, self.format)

    def issued(self) -> None:
        expected = self.elements.issued_on if self.format == "sd_jwt_vc" else self.taken.issued_at
        assert expected in values(self.reading.issued)

    def outcomes(self) -> None:
        found = [(set(outcome.titles), set(outcome.skills)) for outcome in self.reading.outcomes]
        assert found == [
            (said(dict(outcome.title), self.taken, self.format), set(outcome.esco))
            for outcome in self.elements.outcomes
        ]

    def workload(self) -> None:
        ects, hours = self.elements.workload.ects, self.elements.workload.hours
        assert [Decimal(str(value)) for value in values(self.reading.credits)] == (
            [Decimal(ects)] if ects else []
        )
        assert [int(value) for value in values(self.reading.hours)] == ([hours] if hours else [])

    def level(self) -> None:
        level = self.elements.level
        stated = {
            "eqf": level.eqf,
            "qf_ehea_cycle": level.qf_ehea_cycle,
            "isced_2011": level.isced_2011,
            "isced_f": level.isced_f,
        }
        found = {(one.scheme, one.value) for one in self.reading.levels}
        assert found == {(scheme, value) for scheme, value in stated.items() if value is not None}
        reason = level.not_applicable_reason
        assert values(self.reading.no_level) == ([reason] if reason else [])

    def assessment(self) -> None:
        """English is the last of the languages in which a concept has a label."""
        expected = {ASSESSMENT_TYPES[one.type or ""] for one in self.elements.assessments}
        found = {(one.uri, one.labels[-1]) for one in self.reading.assessment_types}
        assert found == {(concept.uri, concept.label) for concept in expected}

    def participation(self) -> None:
        concept = LEARNING_MODES[self.elements.participation or ""]
        found = {(one.uri, one.labels[-1]) for one in self.reading.participation}
        assert found == {(concept.uri, concept.label)}

    def quality_assurance(self) -> None:
        decision = self.elements.quality_assurance
        concept = QUALITY_ASSURANCE_TYPES[decision.type or ""]
        (found,) = self.reading.quality_assurance
        assert found.labels[-1] == concept.label
        assert found.uri == (None if self.format == "sd_jwt_vc" else concept.uri)
        if self.format == "elm_3":
            self._accreditation(decision)
        else:
            assert decision_from(found.details or "") == QualityAssurance(
                None,
                decision.process,
                decision.timing,
                decision.body,
                decision.date,
                decision.valid_until,
                decision.url,
            )

    def _accreditation(self, decision: QualityAssurance) -> None:
        """The European Learning Model has members of its own for the parts of a decision."""
        document = RENDERED["elm_3"](self.taken)
        accreditation = document["credentialSubject"]["hasClaim"]["specifiedBy"]["accreditation"]
        assert accreditation["description"]["en"] == f"{decision.process}, {decision.timing}".replace(
            "_", " "
        )
        assert accreditation["accreditingAgent"]["legalName"]["en"] == decision.body
        assert accreditation["dateIssued"][:10] == decision.date
        assert accreditation.get("expiryDate", "")[:10] == (decision.valid_until or "")
        assert accreditation.get("landingPage", {}).get("contentURL") == decision.url

    def optional(self) -> None:
        elements, reading = self.elements, self.reading
        assert set(values(reading.prerequisites)) == self._optional(elements.prerequisites)
        assert set(values(reading.further_information)) >= self._optional(elements.further_information)
        assert bool(reading.stackability) == bool(elements.stackability)
        how = elements.supervision
        expected = (
            {supervision_concept(how.supervision, identity_verified=how.identity_verified)} if how else set()
        )
        assert {one.uri for one in reading.supervision} == {concept.uri for concept in expected}
        marks = {grade.value for grade in elements.grades}
        assert set(values(reading.grades)) == (marks or ({"passed"} if self.format == "elm_3" else set()))

    def _optional(self, text: Any) -> set[str]:
        return said(dict(text), self.taken, self.format) if text else set()


def whole(trip: Trip) -> None:
    trip.learner()
    trip.title()
    trip.country_or_region()
    trip.awarding_bodies()
    trip.issued()
    trip.outcomes()
    trip.workload()
    trip.level()
    trip.assessment()
    trip.participation()
    trip.quality_assurance()
    trip.optional()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("format_name", FORMATS)
def test_nothing_is_lost_on_the_way(format_name: str, variant: str) -> None:
    whole(Trip(format_name, VARIANTS[variant]()))


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
NAMES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
DAYS = st.dates().map(lambda day: day.isoformat())
POINTS = st.decimals(1, 240, places=1).map(lambda points: f"{points.normalize():f}")


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Certificates of anything that an offering may state."""
    outcomes = [
        {
            **outcome,
            "title": {"en": f"{title} {number}"},
            "esco": draw(st.sampled_from([[], ["http://data.europa.eu/esco/skill/1"]])),
        }
        for number, (outcome, title) in enumerate(
            zip(offering()["outcomes"], draw(st.lists(NAMES, min_size=5, max_size=5)), strict=True)
        )
    ]
    level = draw(
        st.fixed_dictionaries(
            {
                "eqf": st.integers(1, 8) | st.none(),
                "qf_ehea_cycle": st.sampled_from(["short", "first", "second", "third"]),
                "isced_2011": st.integers(0, 8) | st.none(),
                "isced_f": st.sampled_from(["05", "052", "0521"]) | st.none(),
            }
        )
    )
    document = offering(
        title={"en": draw(NAMES), "fi": draw(NAMES)},
        languages=draw(st.sampled_from([["en"], ["fi"], ["fi", "en"]])),
        workload={"ects": draw(POINTS), "hours": draw(st.integers(1, 5000) | st.none())},
        level=level,
        outcomes=outcomes,
        participation=draw(st.sampled_from(sorted(LEARNING_MODES))),
        quality_assurance={
            "type": draw(st.sampled_from(sorted(QUALITY_ASSURANCE_TYPES))),
            "process": draw(st.sampled_from(["internal", "external"])),
            "timing": draw(st.sampled_from(["ex_ante", "ex_post"])),
            "body": draw(NAMES),
            "date": draw(DAYS),
            "valid_until": draw(DAYS | st.none()),
        },
    )
    learner = Learner(draw(NAMES), draw(NAMES), draw(DAYS), identifier=draw(st.none() | WORDS))
    return sample(elements=sample_elements(learner, document))


@given(snapshots())
@settings(max_examples=40)
def test_whatever_an_offering_states_comes_back(taken: Snapshot) -> None:
    for format_name in ("open_badges_3", "sd_jwt_vc"):
        whole(Trip(format_name, taken))


@given(snapshots())
@settings(max_examples=20)
def test_a_snapshot_gives_back_its_eleven_elements(taken: Snapshot) -> None:
    found = snapshot.read(json.loads(json.dumps(taken.to_json())))
    again, before = found.to_json(), taken.elements.to_json()
    for name in MEMBERS[1:]:
        assert again[name] == before[name]
    assert found.learner.full_name == taken.elements.learner.full_name


@given(
    st.builds(
        QualityAssurance,
        st.none(),
        st.sampled_from(["internal", "external"]),
        st.sampled_from(["ex_ante", "ex_post"]),
        NAMES,
        DAYS,
        st.none() | DAYS,
        st.none() | st.just("https://www.example.org/decisions/1?a=b;c"),
    )
)
def test_a_decision_is_read_as_it_was_written(decision: QualityAssurance) -> None:
    assert decision_from(decision_text(decision)) == decision


@given(st.builds(Workload, POINTS | st.none(), st.integers(1, 99_999) | st.none()))
def test_a_workload_is_read_as_it_was_written(workload: Workload) -> None:
    assert workload_from(workload_text(workload)) == workload


@pytest.mark.parametrize(
    "text", ["", "accredited", "internal, ex ante", "external, ex post; decision of X of 2025"]
)
def test_other_texts_are_no_decision(text: str) -> None:
    assert decision_from(text) is None
