"""What a European document says in words and pictures, and the lists its countries and languages come from."""

import base64
from dataclasses import replace

import pytest

from services.certification.formats.elm import credential
from services.certification.formats.elm_concepts import UnknownCodeError, country, language
from services.certification.formats.typesetting import UndrawableError
from shared.annex1 import Institution
from tests.unit.certification.elm_documents import LEGAL, Document, claim, made
from tests.unit.certification.samples import snapshot


def test_concepts_have_labels_in_the_language_of_instruction_and_in_english() -> None:
    """Every one of the European lists that we have words for; others have a label in English."""
    document = made("in Finnish")
    specification, proof = claim(document)["specifiedBy"], claim(document)["provenBy"][0]
    for concept, finnish, english in (
        (specification["eqfLevel"], "EQF-taso 7", "EQF level 7"),
        (specification["mode"], "verkko-opetus", "online"),
        (
            specification["accreditation"]["dcType"],
            "organisaation laadunvarmistus",
            "institutional quality assurance",
        ),
        (specification["educationLevel"][0], "QF-EHEA:n toinen sykli", "second cycle of the QF-EHEA"),
        (proof["specifiedBy"]["dcType"], "kirjallinen koe", "written examination"),
        (
            proof["idVerification"],
            "valvomaton, henkilöllisyys tarkistettu",
            "unsupervised with identity verification",
        ),
    ):
        assert list(concept["prefLabel"].items()) == [("fi", finnish), ("en", english)]
    assert document["displayParameter"]["description"] == {
        "fi": "Pieni osaamiskokonaisuus",
        "en": "Micro-credential",
    }


def test_it_is_told_in_the_language_of_instruction_and_in_english() -> None:
    document = made("in Finnish")
    shown = document["displayParameter"]
    assert [entry["id"].rpartition("/")[2] for entry in shown["language"]] == ["FIN", "ENG"]
    assert shown["primaryLanguage"]["prefLabel"] == {"fi": "suomi", "en": "Finnish"}
    assert shown["title"] == {"en": "Sustainability", "fi": "Kestävyys"}
    assert len({_face(each) for each in shown["individualDisplay"]}) == 2
    assert claim(document)["title"]["fi"] == "Kestävyys"
    assert document["issuer"]["legalName"]["fi"] == "Helsingin yliopisto"
    assert claim(document)["specifiedBy"]["language"]["id"].endswith("/language/FIN")


def _face(shown: Document) -> bytes:
    image = shown["displayDetail"]["image"]
    assert image["contentType"]["id"].endswith("/file-type/PNG")
    content = base64.b64decode(image["content"], validate=True)
    assert content.startswith(b"\x89PNG")
    return content


def test_a_title_that_the_picture_cannot_show_is_reported() -> None:
    taken = snapshot()
    changed = replace(taken, elements=replace(taken.elements, title={"en": "漢字"}))
    with pytest.raises(UndrawableError):
        credential(changed, LEGAL)


def test_a_title_of_any_length_is_drawn_on_one_page() -> None:
    taken = snapshot()
    long = "Sustainability of everything in every region " * 40
    changed = replace(taken, elements=replace(taken.elements, title={"en": long}))
    assert _face(credential(changed, LEGAL)["displayParameter"]["individualDisplay"])


def test_a_country_that_the_european_list_lacks_is_reported() -> None:
    taken = snapshot()
    nowhere = Institution("nowhere.example", {"en": "Nowhere"}, "ZZ")
    with pytest.raises(UnknownCodeError, match="'ZZ'"):
        credential(replace(taken, elements=replace(taken.elements, issuer=nowhere)), LEGAL)


@pytest.mark.parametrize(("code", "entry"), [("GR", "GRC"), ("XK", "XKX"), ("CY", "CYP"), ("GB", "GBR")])
def test_countries_have_the_three_letters_of_the_european_list(code: str, entry: str) -> None:
    assert country(code)["id"] == f"http://publications.europa.eu/resource/authority/country/{entry}"


@pytest.mark.parametrize(
    ("code", "entry"),
    [("el", "ELL"), ("fi", "FIN"), ("de-AT", "DEU"), ("lt", "LIT"), ("sme", "SME"), ("tlh", None)],
)
def test_languages_have_the_three_letters_of_the_european_list(code: str, entry: str | None) -> None:
    if entry is None:
        with pytest.raises(UnknownCodeError, match=code):
            language(code)
    else:
        assert language(code)["id"].endswith(f"/language/{entry}")
