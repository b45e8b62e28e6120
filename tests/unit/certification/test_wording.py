"""The words of printed certificates: the same entries in every language, all of them printable."""

import io
import re
from importlib.resources import files

import pytest
from pypdf import PdfReader

from services.certification.domain.attendance import ATTENDED_ONLY, NOT_ASSESSED
from services.certification.domain.snapshot import NOT_A_DEGREE
from services.certification.formats import pdf, wording
from services.certification.formats.page import content
from services.certification.formats.wording import LANGUAGES, words
from shared.annex1 import vocabulary
from tests.support.documents import offering
from tests.unit.certification.samples import elements, snapshot

_PLACE = re.compile(r"\{\w+\}")


def page_text(languages: list[str], title: dict[str, str]) -> str:
    taken = snapshot(elements=elements(document=offering(languages=languages, title=title)))
    pages = PdfReader(io.BytesIO(pdf.certificate_pdf(taken, ()))).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def test_there_is_a_file_for_each_language_and_no_other() -> None:
    found = {file.name for file in (files(wording.__package__) / "words").iterdir()}
    assert found == {f"{language}.json" for language in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_with_the_same_places(language: str) -> None:
    english, said = words("en"), words(language)
    assert list(said) == list(english)
    for key, text in said.items():
        assert text.strip() == text != ""
        assert sorted(_PLACE.findall(text)) == sorted(_PLACE.findall(english[key])), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_ours_takes_a_trial_run(language: str) -> None:
    assert [text for text in words(language).values() if pdf._USUAL.fullmatch(text) is None] == []


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_no_language_was_left_in_english(language: str) -> None:
    sentences = [key for key, text in words("en").items() if len(text) > 30]
    assert len(sentences) > 8
    assert [key for key in sentences if words(language)[key] == words("en")[key]] == []


def test_english_says_concepts_as_the_credentials_do() -> None:
    """So that the text of the PDF and of the credentials agrees."""
    said = words("en")
    for group, concepts in (
        ("type", vocabulary.ASSESSMENT_TYPES),
        ("mode", vocabulary.LEARNING_MODES),
        ("kind", vocabulary.QUALITY_ASSURANCE_TYPES),
    ):
        assert {f"{group}.{code}": each.label for code, each in concepts.items()}.items() <= said.items()
    cycles = {f"cycle.{code}": label for code, label in vocabulary.QF_EHEA_CYCLES.items()}
    assert cycles.items() <= said.items()
    for level, group in (("unsupervised", "unwatched"), ("supervised_online", "watched")):
        for verified, key in ((True, "identified"), (False, "anonymous")):
            known = vocabulary.supervision_concept(level, identity_verified=verified)
            assert said[f"{group}.{key}"] == known.label
    for scale in ("pass_or_fail", "grade_0_10", "grade_0_10_one_decimal", "grade_0_100"):
        assert said[f"scale.{scale}"] == vocabulary.scale_label(scale)
    assert (said["not_a_degree"], said["attended_only"], said["not_assessed"]) == (
        NOT_A_DEGREE,
        ATTENDED_ONLY,
        NOT_ASSESSED,
    )


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_the_labels_stand_in_the_language_of_instruction_and_in_english(language: str) -> None:
    text = page_text([language], {language: "Kestävyys", "en": "Sustainability"})
    for spoken in (language, "en"):
        for key in (
            "micro_credential",
            "issuer",
            "outcomes",
            "quality",
            "not_a_degree",
            "type.oral_examination",
        ):
            assert words(spoken)[key] in text, (spoken, key)
    assert text.index("Kestävyys") < text.index("Sustainability")


def test_english_beside_another_language_of_instruction_shows_both() -> None:
    text = page_text(["en", "el"], {"en": "Teaching online", "el": "Διδασκαλία στο διαδίκτυο"})
    assert text.index("Teaching online") < text.index("Διδασκαλία στο διαδίκτυο")
    assert words("el")["outcomes"] in text


def test_another_language_is_shown_with_english_labels() -> None:
    title = {"mt": "Sostenibbiltà", "en": "Sustainability"}
    taken = snapshot(elements=elements(document=offering(languages=["mt"], title=title)))
    page = content(taken)
    assert page["language"] == "en"
    assert page["title"] == [
        {"lang": "mt", "text": "Sostenibbiltà"},
        {"lang": "en", "text": "Sustainability"},
    ]
    assert {entry["lang"] for row in page["rows"] for entry in row["label"]} == {"en"}


def test_nothing_is_said_twice_where_two_languages_say_the_same() -> None:
    taken = snapshot(elements=elements(document=offering(languages=["nl"], title={"nl": "A", "en": "B"})))
    modes = next(row["items"] for row in content(taken)["rows"] if row["label"][1]["text"].startswith("Form"))
    assert modes == [[{"lang": "nl", "text": "online"}]]
