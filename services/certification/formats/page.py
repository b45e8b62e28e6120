"""The words of the printed certificate: a row for each element, in the language of instruction and in English."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from services.certification.domain.larger import PartReference
from services.certification.domain.snapshot import Snapshot, text_in
from services.certification.formats.wording import ENGLISH, primary, spoken, words
from shared.annex1 import ATTENDANCE, Elements, Institution, Text
from shared.annex1.vocabulary import SUPERVISION_LEVELS

Said = list[dict[str, str]]
Row = tuple[str, list[Said]]

_UNWATCHED: Final = SUPERVISION_LEVELS[0]
_GROUP: Final = 16


def content(snapshot: Snapshot) -> dict[str, Any]:
    """Everything that `certificate.typ` shows, as JSON: a function of the snapshot alone."""
    elements, say = snapshot.elements, _Speaker(_languages(snapshot))
    attended = elements.document_type == ATTENDANCE
    main = words(say.spoken[0])
    title, name = text_in(elements.title, snapshot.language), elements.learner.full_name
    return {
        "language": say.spoken[0],
        "kind": say.word("attendance" if attended else "micro_credential"),
        "document_title": main["document_title"].format(title=title, name=name),
        "issuer": text_in(elements.issuer.name, snapshot.language),
        "title": say.text(elements.title),
        "awarded_to": say.word("awarded_to"),
        "learner": name,
        "born": say.word("born", date=elements.learner.date_of_birth)
        if elements.learner.date_of_birth
        else [],
        "header": [say.word("element"), say.word("says")],
        "rows": [
            {"label": say.word(label), "items": items} for label, items in _rows(snapshot, say) if items
        ],
        "statement": say.word("attended_only" if attended else "not_a_degree"),
        "verify_heading": say.word("verify"),
        "verify_text": say.word("verify_how"),
        "verify_url": snapshot.verify_url,
        "qr_alt": main["qr"].format(address=snapshot.verify_url),
        "page_word": main["page"],
    }


def _languages(snapshot: Snapshot) -> tuple[str, ...]:
    """At most two: those of instruction in which the title exists, and English."""
    taught = [code for code in snapshot.elements.languages if snapshot.elements.title.get(code)]
    other = [code for code in taught if primary(code) != ENGLISH]
    return tuple(dict.fromkeys((snapshot.language, *other[:1], ENGLISH)))


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Says everything once in each of `languages`; what is the same in two of them once."""

    languages: tuple[str, ...]

    @property
    def spoken(self) -> tuple[str, ...]:
        return spoken(self.languages)

    def word(self, key: str, **values: object) -> Said:
        """An entry of the words, with its places filled."""
        return _once({language: words(language)[key].format(**values) for language in self.spoken})

    def known(self, group: str, code: str | None) -> list[Said]:
        """The concept `code` of a vocabulary; nothing where it has none of that name."""
        key = f"{group}.{code}"
        return [self.word(key)] if key in words(ENGLISH) else []

    def text(self, text: Text) -> Said:
        """A text of the offering, as far as it exists in these languages, else in whatever there is."""
        found = {code: text[code] for code in self.languages if text.get(code)}
        return _once(found or dict(list(text.items())[:1]))

    def plain(self, text: str | None) -> list[Said]:
        """What is the same in every language: a date, a name."""
        return [[{"lang": self.spoken[0], "text": text}]] if text else []

    def joined(self, glue: str, parts: list[Said]) -> list[Said]:
        """The parts one after the other, in each language."""
        if not parts:
            return []
        return [_once({code: glue.join(_in(part, code) for part in parts) for code in self.spoken})]


def _once(found: dict[str, str]) -> Said:
    said: dict[str, str] = {}
    for language, text in found.items():
        said.setdefault(text, primary(language))
    return [{"lang": language, "text": text} for text, language in said.items()]


def _in(said: Said, language: str) -> str:
    return next((entry["text"] for entry in said if entry["lang"] == language), said[0]["text"])


def _rows(snapshot: Snapshot, say: _Speaker) -> Iterator[Row]:
    elements = snapshot.elements
    yield "issuer", [_body(elements.issuer, say)]
    attended = elements.document_type == ATTENDANCE
    yield "confirmed_by" if attended else "bodies", [_body(body, say) for body in elements.awarding_bodies]
    if attended:
        yield "confirmed_on", say.plain(snapshot.awarded_at[:10])
        yield "assessment", [say.word("not_assessed")]
    yield "issued_on", say.plain(elements.issued_on)
    yield "outcomes", [say.text(outcome.title) for outcome in elements.outcomes]
    yield "workload", say.joined(", ", list(_workload(elements, say)))
    yield "level", list(_levels(elements, say))
    types = dict.fromkeys(assessment.type for assessment in elements.assessments)
    yield "assessment_type", [said for kind in types for said in say.known("type", kind)]
    yield "participation", say.known("mode", elements.participation)
    yield "quality", _quality(elements, say)
    if (how := elements.supervision) is not None:
        watched = "unwatched" if how.supervision == _UNWATCHED else "watched"
        yield "supervision", say.known(watched, "identified" if how.identity_verified else "anonymous")
    yield "marks", list(_marks(elements, say))
    yield "prerequisites", [say.text(elements.prerequisites)] if elements.prerequisites else []
    yield "stackability", say.known("stacking", elements.stackability)
    yield "further", [say.text(elements.further_information)] if elements.further_information else []
    if snapshot.stack is not None:
        yield "made_of", [_part(part, say) for part in snapshot.stack.parts]


def _part(part: PartReference, say: _Speaker) -> Said:
    """A certificate that a larger one is made of; the digest in groups, so that it breaks into lines."""
    digits = part.digest.removeprefix("sha256:")
    digest = " ".join(digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP))
    name = text_in(part.issuer_name, say.languages[0])
    ects = f", {part.ects} ECTS" if part.ects is not None else ""
    said = say.text(part.title)
    for entry in said:
        entry["text"] = f"{entry['text']}: {name}{ects}, {part.certificate_id}, SHA-256 {digest}"
    return said


def _body(body: Institution, say: _Speaker) -> Said:
    place = ", ".join(part for part in (body.region, body.country) if part)
    return say.text({code: f"{name} ({place})" for code, name in body.name.items()})


def _workload(elements: Elements, say: _Speaker) -> Iterator[Said]:
    workload = elements.workload
    if workload.ects is not None:
        yield say.word("ects", number=workload.ects)
    if workload.hours is not None:
        yield say.word("hours", number=workload.hours)


def _levels(elements: Elements, say: _Speaker) -> Iterator[Said]:
    level = elements.level
    if level.not_applicable_reason is not None:
        yield say.word("not_applicable", reason=level.not_applicable_reason)
        return
    if level.eqf is not None:
        yield say.word("eqf", number=level.eqf)
    yield from say.known("cycle", level.qf_ehea_cycle)
    if level.isced_2011 is not None:
        yield say.word("isced_2011", number=level.isced_2011)
    if level.isced_f is not None:
        yield say.word("isced_f", number=level.isced_f)


def _quality(elements: Elements, say: _Speaker) -> list[Said]:
    decision = elements.quality_assurance
    kind = say.known("kind", decision.type)
    if not kind:
        return []
    how = [*kind, *say.known("process", decision.process), *say.known("timing", decision.timing)]
    until = [say.word("until", date=decision.valid_until)] if decision.valid_until else []
    decided = [*say.plain(decision.body), *say.plain(decision.date), *until]
    return say.joined(": ", [*say.joined(", ", how), *say.joined(", ", decided)])


def _marks(elements: Elements, say: _Speaker) -> Iterator[Said]:
    """Each mark on its own scale, below the outcome that it is for, in the languages that the outcome is stated in."""
    titles = {outcome.id: outcome.title for outcome in elements.outcomes}
    for grade in elements.grades:
        outcome = say.text(titles.get(grade.outcome) or {ENGLISH: grade.outcome})
        scale = say.known("scale", grade.scale) or say.plain((grade.scale or "").replace("_", " "))
        for entry in outcome:
            on = "".join(f" ({_in(each, entry['lang'])})" for each in scale)
            entry["text"] = f"{entry['text']}: {grade.value}{on}"
        yield outcome
