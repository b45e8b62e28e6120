"""What the learner is told next (SHR-12), and how OOAPI clients see a registration (practice check 10)."""

from datetime import timedelta

import pytest

from services.enrolment.domain import studies
from services.enrolment.domain.guidance import Next, what_is_next
from services.enrolment.domain.machines import REGISTRATION
from services.enrolment.domain.model import Conclusion, Enrolment
from services.enrolment.domain.progress import conclude
from services.enrolment.domain.projection import ooapi_v5, ooapi_v6
from tests.unit.enrolment.cases import AWARDING, NOW, PLATFORM, answered, enrolled, opened, planned

COMPLETED = conclude(enrolled(), Conclusion("completed", 1, "completion_achieved"), NOW).enrolment
DEADLINE = NOW + timedelta(hours=48)
CERTIFICATES = f"/certification/v1/certificates?enrolment={COMPLETED.id}"


@pytest.mark.parametrize(
    ("enrolment", "following"),
    [
        (opened(), Next("prepare_registrations", "system")),
        (planned(), Next("answer_registration", "institution", (PLATFORM,), DEADLINE)),
        (enrolled(), Next("be_assessed", "learner")),
        (enrolled("attendance"), Next("attend", "learner")),
        (studies.suspend(enrolled(), "learner_request", NOW).enrolment, Next("resume_studies", "learner")),
        (COMPLETED, Next("answer_registration", "institution", (AWARDING,), DEADLINE)),
        (
            answered(COMPLETED, AWARDING, "associated").enrolment,
            Next("see_certificate", "certification", see=CERTIFICATES),
        ),
        (
            answered(COMPLETED, AWARDING, "denied").enrolment,
            Next("request_registration_again", "institution", (AWARDING,)),
        ),
        (studies.withdraw(enrolled(), "learner_request", NOW).enrolment, None),
        (studies.end(enrolled(), "no_show", NOW).enrolment, None),
    ],
)
def test_a_learner_is_told_what_is_next_by_whom_and_until_when(
    enrolment: Enrolment, following: Next | None
) -> None:
    assert what_is_next(enrolment) == following


def test_confirmed_attendance_leads_to_its_certificate_too() -> None:
    attendance = studies.Attendance(AWARDING, NOW.date())
    attended = studies.confirm_attendance(enrolled("attendance"), attendance, NOW).enrolment
    assert what_is_next(attended) == Next("answer_registration", "institution", (AWARDING,), DEADLINE)
    registered = answered(attended, AWARDING, "associated").enrolment
    assert what_is_next(registered) == Next("see_certificate", "certification", see=CERTIFICATES)


def test_check_10_each_ooapi_version_has_its_own_word_for_a_state() -> None:
    assert (ooapi_v5("cancelled"), ooapi_v6("cancelled")) == ("canceled", "cancelled")
    assert (ooapi_v5("x-suspended"), ooapi_v6("x-suspended")) == ("associated", "x-suspended")
    assert (ooapi_v5("finished"), ooapi_v6("finished")) == (None, "finished")


def test_every_state_is_projected_into_the_vocabulary_of_ooapi_v5() -> None:
    v5 = {"pending", "queued", "associated", "canceled", "denied", None}
    assert {ooapi_v5(state) for state in REGISTRATION.states} <= v5
