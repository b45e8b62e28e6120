"""Confirmed attendance gets a certificate of attendance: another type, by the same machine."""

import io
import json

from pypdf import PdfReader

from services.certification.formats.multikey import public_key
from services.certification.formats.proof import verify_proof
from services.certification.store.tables import certificates, renderings
from tests.integration.certification.workshop import Workshop


def renderings_of(workshop: Workshop) -> dict[str, bytes]:
    return {row.format: bytes(row.content) for row in workshop.rows(renderings)}


def test_confirmed_attendance_becomes_a_certificate_of_attendance(workshop: Workshop) -> None:
    learner = workshop.learner()
    workshop.deliver(*learner.attended())
    workshop.work()
    assert workshop.names() == ["ready", "issued"]
    made = renderings_of(workshop)
    credential = json.loads(made["open_badges_3"])
    verify_proof(credential, lambda method: public_key(method.partition("#")[2]))
    achievement = credential["credentialSubject"]["achievement"]
    assert achievement["achievementType"] == "ext:CertificateOfAttendance"
    kinds = {alignment["targetType"] for alignment in achievement["alignment"]}
    assert kinds == {"ext:ConfirmingBody", "ext:LearningMode", "ext:QualityAssurance"}
    assert "creditsEarned" not in credential["credentialSubject"]
    assert [result["value"] for result in credential["credentialSubject"]["result"]] == ["24"]
    assert "Not assessed." in achievement["criteria"]["narrative"]
    assert "Attendance confirmed by: KU Leuven, 2026-03-04." in achievement["criteria"]["narrative"]


def test_it_is_never_called_a_micro_credential(workshop: Workshop) -> None:
    workshop.deliver(*workshop.learner().attended())
    workshop.work()
    made = renderings_of(workshop)
    printed = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made["pdf"])).pages)
    assert "certificateofattendance" in "".join(printed.lower().split())
    assert "Not assessed" in printed
    assert "24 hours" in printed
    for text in (printed, made["open_badges_3"].decode()):
        assert "micro" not in text.lower()
    (row,) = workshop.rows(certificates)
    page = workshop.get(f"/verify/{row.public_id}").get_data(as_text=True)
    assert "Certificate of attendance" in page
    assert "micro" not in page.lower()


def test_no_assessment_is_asked_and_a_redelivery_issues_no_second_one(workshop: Workshop) -> None:
    learner = workshop.learner()
    workshop.deliver(*learner.attended())
    workshop.work()
    workshop.deliver(*learner.attended())
    workshop.work()
    assert workshop.states() == ["issued"]
    assert not [path for path in workshop.elsewhere.asked if path.startswith("/assessment")]


def test_without_hours_of_its_own_the_workload_of_the_offering_counts(workshop: Workshop) -> None:
    workshop.deliver(*workshop.learner().attended(hours=None))
    workshop.work()
    (row,) = workshop.rows(certificates)
    workload = row.snapshot["elements"]["workload"]
    assert (workload["ects"], workload["hours"]) == (None, 270)


def test_the_preview_says_that_the_confirmation_is_missing(workshop: Workshop) -> None:
    learner = workshop.learner()
    workshop.deliver(workshop.published())
    workshop.work()
    workshop.deliver(learner.attended()[0])
    token = workshop.token("service")
    preview = workshop.get(
        f"/certification/v1/awards/{learner.award_id}/certificate-preview", token
    ).get_json()
    assert preview["document_type"] == "certificate_of_attendance"
    assert [element["element"] for element in preview["elements"]] == [1, 2, 3, 4, 5, 7, 9, 10, 11]
    (confirming,) = (element for element in preview["elements"] if element["element"] == 4)
    assert (confirming["name"], confirming["filled"]) == ("institution that confirms the attendance", False)
    assert confirming["from"] == ["enrolment"]
    assert {"confirmation of attendance"} == {need["name"] for need in preview["missing"]}
