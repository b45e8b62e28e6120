"""What a certificate of attendance has in the place of elements 4, 7 and 9."""

from collections.abc import Iterator

from shared.annex1.elements import Elements
from shared.annex1.missing import Missing
from shared.annex1.values import is_text


def confirming_body(elements: Elements) -> Iterator[Missing]:
    if not any(is_text(name) for body in elements.awarding_bodies for name in (body.id, *body.name.values())):
        yield Missing(4, "no institution confirms the attendance yet", "enrolment")


def hours(elements: Elements) -> Iterator[Missing]:
    if elements.workload.hours is None or elements.workload.hours <= 0:
        yield Missing(7, "the hours of participation are not stated", "enrolment", "/workload/hours")
    if elements.workload.ects is not None:
        yield Missing(7, "credits are stated, which attendance alone does not earn", "certification")


def not_assessed(elements: Elements) -> Iterator[Missing]:
    if elements.assessments or elements.outcomes or elements.grades:
        yield Missing(9, "something is stated as assessed in a certificate of attendance", "certification")
